import type { Parsed } from "../base/parsed.js";
import { parseBoolean } from "./boolean.js";
import type { ConfigReader } from "./config-reader.js";
import { parseDuration } from "./duration.js";
import {
  type HedgingPolicy,
  hedgingPolicyFields,
  type RetryPolicy,
  readHedgingPolicy,
  readRetryPolicy,
  retryPolicyFields,
} from "./retry-config.js";
import { parseUint32 } from "./uint32.js";

/** What a service config says about the calls of a method. Immutable: a call takes one and keeps it to its end. */
export interface MethodConfig {
  /** Milliseconds; the sooner of this and the call's own holds. */
  readonly timeoutMs: number | undefined;
  /** Holds where the call says nothing. */
  readonly waitForReady: boolean | undefined;
  /** Bytes of one message; the smaller of this and the call's own holds. */
  readonly maxRequestBytes: number | undefined;
  /** Bytes of one message; the smaller of this and the call's own holds. */
  readonly maxResponseBytes: number | undefined;
  /** Never beside a hedging policy. */
  readonly retryPolicy: RetryPolicy | undefined;
  readonly hedgingPolicy: HedgingPolicy | undefined;
}

export const emptyMethodConfig: MethodConfig = Object.freeze({
  timeoutMs: undefined,
  waitForReady: undefined,
  maxRequestBytes: undefined,
  maxResponseBytes: undefined,
  retryPolicy: undefined,
  hedgingPolicy: undefined,
});

export const methodConfigFields = [
  "name",
  "timeout",
  "waitForReady",
  "maxRequestMessageBytes",
  "maxResponseMessageBytes",
  "retryPolicy",
  "hedgingPolicy",
];

/** One entry of `methodConfig` (grpc/service_config/service_config.proto), without its names. */
export function readMethodConfig(reader: ConfigReader): MethodConfig {
  const timeoutMs = reader.read("timeout", parseDuration);
  const waitForReady = reader.read("waitForReady", parseBoolean);
  const maxRequestBytes = reader.read("maxRequestMessageBytes", parseBytes);
  const maxResponseBytes = reader.read("maxResponseMessageBytes", parseBytes);
  const retry = reader.object("retryPolicy", retryPolicyFields);
  const hedging = reader.object("hedgingPolicy", hedgingPolicyFields);
  if (retry !== undefined && hedging !== undefined) {
    reader.find("hedgingPolicy", "stands beside a retryPolicy: expected one of the two");
  }
  const retryPolicy = retry && readRetryPolicy(retry);
  const hedgingPolicy = hedging && readHedgingPolicy(hedging);
  return Object.freeze({ timeoutMs, waitForReady, maxRequestBytes, maxResponseBytes, retryPolicy, hedgingPolicy });
}

function parseBytes(json: unknown): Parsed<number> {
  return parseUint32(json, "of bytes from 0 to 4294967295");
}
