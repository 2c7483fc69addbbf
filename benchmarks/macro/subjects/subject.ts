/** What is compared: a client and a server of each library, behind the same doors. */
import type { Measurement } from "../closed-loop.js";

export const subjectNames = [
  "godwit",
  "grpc-js",
  "nice-grpc",
  "connect-node",
  "grpc-go",
  "skeleton",
  "raw-net",
] as const;
export type SubjectName = (typeof subjectNames)[number];

/** Those that processes of Node can be made of. */
export type NodeSubjectName = Exclude<SubjectName, "grpc-go">;

export interface SubjectServer {
  /** Listens on a free port of the loopback interface. */
  listen(): Promise<number>;
  close(): Promise<void>;
}

export interface SubjectClient {
  /** One call of EchoService.Unary; `done` with an error unless id and payload came back. */
  unary(payload: Uint8Array, headline: boolean, done: (error?: unknown) => void): void;
  /** One call of EchoService.ServerStream; resolves when all messages came, in order. */
  serverStream(messages: number, payloadBytes: number): Promise<void>;
  /** One call of EchoService.ClientStream; resolves when the server has counted all messages. */
  clientStream(messages: number, payload: Uint8Array): Promise<void>;
  /** One call of EchoService.Bidi. */
  pingPong(payload: Uint8Array, inFlight: number, durationMs: number): Promise<Measurement>;
  close(): Promise<void>;
}

/** Deadline of a headline call. */
export const headlineTimeoutMs = 10_000;
/** Key of a headline call's metadata. */
export const headlineKey = "x-request-id";

const prefix = Math.random().toString(16).slice(2).padEnd(20, "0").slice(0, 20);
let counter = 0;

/** 32 characters that no call had before. */
export function freshRequestId(): string {
  return prefix + (counter++).toString(16).padStart(12, "0");
}

export class WrongAnswer extends Error {
  override readonly name = "WrongAnswer";

  constructor(what: string, observed: unknown, expected: unknown) {
    super(`${what} is ${String(observed)}, expected ${String(expected)}`);
  }
}

/** Undefined when the answer is right. Looks at the end of the payload: comparing 1 MiB would be most of the work. */
export function checkUnary(
  response: { readonly id: string; readonly payload: Uint8Array } | undefined,
  id: string,
  payload: Uint8Array,
): Error | undefined {
  if (response?.id !== id) return new WrongAnswer("id of the response", response?.id, id);
  return checkPayload(response.payload, payload);
}

export function checkPayload(observed: Uint8Array, payload: Uint8Array): Error | undefined {
  const { length } = observed;
  if (length !== payload.length) return new WrongAnswer("length of the payload", length, payload.length);
  const last = observed[length - 1];
  return last === payload[length - 1] ? undefined : new WrongAnswer("last octet", last, payload[length - 1]);
}
