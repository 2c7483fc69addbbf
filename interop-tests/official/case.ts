/** What a case of gRPC's interoperability tests (grpc/grpc doc/interop-test-descriptions.md) is to its runner. */
import type { CallOptions, Channel, ChannelOptions } from "godwit";
import type { TestServiceClient } from "../gen/grpc/testing/test_godwit.js";

/** A server to test, and how to reach it. */
export interface CaseContext {
  readonly channel: Channel;
  readonly service: TestServiceClient;
  /** Another channel to the same server, on connections of its own. Whoever opens it closes it. */
  openChannel(options?: ChannelOptions): Channel;
  /** Whether the bytes, of a message that was received, came compressed. */
  wasCompressed(bytes: Uint8Array): boolean;
  readonly soak: SoakOptions;
  /** What a soak says of itself. */
  say(line: string): void;
}

/** Under the names that the command lines of all languages have. */
export interface SoakOptions {
  readonly iterations: number;
  readonly maxFailures: number;
  readonly perIterationMaxAcceptableLatencyMs: number;
  readonly overallTimeoutSeconds: number;
  readonly minTimeMsBetweenRpcs: number;
  readonly requestSize: number;
  readonly responseSize: number;
  readonly numThreads: number;
}

export const defaultSoak: SoakOptions = {
  iterations: 10,
  maxFailures: 0,
  perIterationMaxAcceptableLatencyMs: 1000,
  overallTimeoutSeconds: 10,
  minTimeMsBetweenRpcs: 0,
  requestSize: 271_828,
  responseSize: 314_159,
  numThreads: 1,
};

/** Resolves when the server did as it should; rejects with what it did instead. */
export type OfficialCase = (context: CaseContext) => Promise<void>;

/** Calls of a case that hang fail it sooner than its runner would. */
export const inTime: CallOptions = { timeoutMs: 30_000 };
