/** UnaryRequest and UnaryResponse, of which both have the id in field 1 and the payload in field 2. */
import { flag, frameHeaderBytes, frameType, messagePrefixBytes, writeFrameHeader } from "./frames.js";
import type { Output } from "./output.js";

const idTag = 0x0a;
const payloadTag = 0x12;
/** Its length needs no more than two octets, and a buffer holds a call. */
const largestPayload = 8192;

/** A DATA frame with the whole message, which ends the stream. */
export function writeEcho(output: Output, stream: number, id: string, payload: Uint8Array): void {
  const { length } = payload;
  if (length > largestPayload) throw new Error(`the skeleton has no payload of ${length} bytes`);
  const lengthBytes = length < 128 ? 1 : 2;
  const messageBytes = 2 + id.length + 1 + lengthBytes + length;
  let at = output.reserve(frameHeaderBytes + messagePrefixBytes + messageBytes);
  const { bytes } = output;
  writeFrameHeader(bytes, at, messagePrefixBytes + messageBytes, frameType.data, flag.endStream, stream);
  at += frameHeaderBytes;
  bytes[at] = 0;
  bytes.writeUInt32BE(messageBytes, at + 1);
  at += messagePrefixBytes;
  bytes[at++] = idTag;
  bytes[at++] = id.length;
  at += bytes.write(id, at, "latin1");
  bytes[at++] = payloadTag;
  if (lengthBytes === 1) bytes[at++] = length;
  else {
    bytes[at++] = (length & 127) | 128;
    bytes[at++] = length >> 7;
  }
  bytes.set(payload, at);
}

/** Throws for anything but these two fields, in this order. */
export function parseEcho(bytes: Buffer, start: number, end: number): { id: string; payload: Uint8Array } {
  let at = start;
  expect(bytes[at++], idTag);
  const idEnd = at + 1 + (bytes[at] as number);
  const id = bytes.toString("latin1", at + 1, idEnd);
  at = idEnd;
  // An empty payload is left out.
  if (at === end) return { id, payload: new Uint8Array(0) };
  expect(bytes[at++], payloadTag);
  let length = bytes[at++] as number;
  if (length > 127) length = (length & 127) | ((bytes[at++] as number) << 7);
  if (at + length !== end) throw new Error(`the payload has ${end - at} bytes, expected ${length}`);
  // A copy, as everybody's message is one.
  return { id, payload: new Uint8Array(bytes.subarray(at, end)) };
}

function expect(observed: number | undefined, tag: number): void {
  if (observed !== tag) throw new Error(`the tag is ${observed}, expected ${tag}`);
}
