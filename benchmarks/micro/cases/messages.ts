/** The deframer: messages that lie within a chunk, that are split between two, and one of 1 MiB in a socket's chunks. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { MessageDeframer } from "../../../runtime/src/wire/message-deframer.js";
import { writeMessagePrefix } from "../../../runtime/src/wire/message-framer.js";
import type { MicroCase } from "../micro-case.js";
import { cut } from "./frames.js";

/** grpc-js's, which is no part of its API. */
interface StreamDecoder {
  write(chunk: Buffer): Buffer[];
}
const { StreamDecoder } = createRequire(import.meta.url)("@grpc/grpc-js/build/src/stream-decoder.js") as {
  StreamDecoder: new (maxMessageBytes: number) => StreamDecoder;
};

const mebibyte = 1024 * 1024;

export function messageCases(): readonly MicroCase[] {
  return [
    deframeCase("deframer/in-place", "a message of 64 B within its chunk", 64, 512, [16_384]),
    deframeCase("deframer/split", "a message of 64 B, two in three of them in two chunks", 64, 512, [100]),
    deframeCase("deframer/1-mib", "a message of 1 MiB in pieces of 16 KiB", mebibyte, 1, [16_384]),
  ];
}

function deframeCase(
  id: string,
  operation: string,
  messageBytes: number,
  operations: number,
  sizes: readonly number[],
): MicroCase {
  const chunks = cut(framed(messageBytes, operations), sizes);
  const deframer = new MessageDeframer(4 * mebibyte);
  const run = (): number => {
    let bytes = 0;
    for (let i = 0; i < chunks.length; i++) {
      const chunk = chunks[i] as Buffer;
      deframer.push(chunk, 0, chunk.length);
      while (deframer.next()) bytes += deframer.end - deframer.start;
      deframer.takeConsumedBytes();
    }
    return bytes;
  };
  const decoder = new StreamDecoder(4 * mebibyte);
  const runPeer = (): number => {
    let bytes = 0;
    for (let i = 0; i < chunks.length; i++) {
      // Its messages still have their prefix.
      for (const { length } of decoder.write(chunks[i] as Buffer)) bytes += length - 5;
    }
    return bytes;
  };
  assert.equal(run(), messageBytes * operations);
  assert.equal(runPeer(), messageBytes * operations);
  return { id, operation, operations, run, peer: { name: "grpc-js", run: runPeer } };
}

function framed(messageBytes: number, messages: number): Buffer {
  const one = Buffer.alloc(5 + messageBytes, "m");
  writeMessagePrefix(one, 0, false, messageBytes);
  return Buffer.concat(Array.from({ length: messages }, () => one));
}
