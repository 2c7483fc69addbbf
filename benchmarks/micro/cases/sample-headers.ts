import { HeaderBlock } from "../../../runtime/src/hpack/header-block.js";
import { Metadata } from "../../../runtime/src/rpc/metadata.js";
import { createRequestPrefix, encodeRequest } from "../../../runtime/src/wire/request-headers.js";

/** Values of 32 characters as trace ids are, the same in every run. */
export function freshValues(count: number): readonly string[] {
  let state = 0x9e3779b9;
  const word = (): string => {
    state = Math.imul(state ^ (state >>> 15), 0x85ebca6b) + 0x6d2b79f5;
    return ((state ^ (state >>> 13)) >>> 0).toString(16).padStart(8, "0");
  };
  return Array.from({ length: count }, () => word() + word() + word() + word());
}

export const traceKey = "x-request-id";

export const requestPrefix: HeaderBlock = createRequestPrefix({
  path: "/godwit.testing.v1.EchoService/Unary",
  scheme: "http",
  authority: "127.0.0.1:50051",
  userAgent: "godwit/0.1.0",
  contentSubtype: "proto",
  acceptEncoding: "gzip,deflate",
});

/** What is left of a timeout of 10 s when a call's headers are written: a few microseconds less, never as many. */
export function remainingMs(call: number): number {
  return 10_000 - ((call * 7919) % 97) / 1000;
}

/** Requests of one method with a deadline and a metadata value that none had before. */
export function headlineBlocks(count: number): readonly HeaderBlock[] {
  return freshValues(count).map((value, i) =>
    encodeRequest(requestPrefix, {
      remainingMs: remainingMs(i),
      metadata: new Metadata({ [traceKey]: value }),
      encoding: "identity",
      previousAttempts: 0,
    }),
  );
}

/** What comes back when all is well. */
export const responseHeaders: HeaderBlock = new HeaderBlock([
  ":status",
  "200",
  "content-type",
  "application/grpc+proto",
]);
export const okTrailers: HeaderBlock = new HeaderBlock(["grpc-status", "0"]);
