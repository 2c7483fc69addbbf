import assert from "node:assert/strict";
import type { Payload } from "../gen/grpc/testing/messages_pb.js";

/** A payload of so many zeros. */
export const zeros = (size: number): { readonly body: Uint8Array } => ({ body: new Uint8Array(size) });

/** The request and the response of large_unary: more than a window of 64 KiB each. */
export const largeRequest = { responseSize: 314_159, payload: zeros(271_828) };

export function assertZeros(payload: Payload | undefined, size: number): void {
  assert.equal(payload?.body.length, size, "bytes of the payload");
  assert.ok(payload.body.every((byte) => byte === 0) && payload.type === 0, "the payload is of zeros, COMPRESSABLE");
}

/** Sizes of the requests and responses of the streaming cases, in order. */
export const requestSizes = [27_182, 8, 1_828, 45_904] as const;
export const responseSizes = [31_415, 9, 2_653, 58_979] as const;
