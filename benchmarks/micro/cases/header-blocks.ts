/** HPACK, both ways: what a headline call sends, what comes again and again, and what never came before. */
import assert from "node:assert/strict";
import { HpackDecoder } from "../../../runtime/src/hpack/decoder.js";
import { HpackEncoder } from "../../../runtime/src/hpack/encoder.js";
import { HeaderBlock } from "../../../runtime/src/hpack/header-block.js";
import type { MicroCase } from "../micro-case.js";
import { freshValues, headlineBlocks, requestPrefix } from "./sample-headers.js";

/** More than any cache of ours remembers, so that a block that comes round again is new to it. */
const blocks = 2048;

export function headerBlockCases(): readonly MicroCase[] {
  const headline = headlineBlocks(blocks);
  const unseen = unseenBlocks(blocks);
  const bare = Array.from({ length: blocks }, () => requestPrefix);
  return [
    encodeCase(
      "hpack/encode-headline",
      "a block of a prefix that is known, a timeout and a value of 32 characters",
      headline,
    ),
    encodeCase("hpack/encode-known", "a block that came before", bare),
    encodeCase("hpack/encode-unseen", "a block of eight fields, half of whose values are new", unseen),
    decodeCase("hpack/decode-headline", "the same block, received", headline),
    decodeCase("hpack/decode-known", "a block that came before, received", bare),
    decodeCase("hpack/decode-unseen", "a block of eight fields, half of whose values are new, received", unseen),
  ];
}

function encodeCase(id: string, operation: string, sent: readonly HeaderBlock[]): MicroCase {
  const encoder = new HpackEncoder();
  const out = Buffer.alloc(64 * 1024);
  const run = (): number => {
    let at = 0;
    for (let i = 0; i < sent.length; i++) {
      const block = sent[i] as HeaderBlock;
      if (at + encoder.maxEncodedBytes(block) > out.length) at = 0;
      at = encoder.encode(block, out, at);
    }
    return at;
  };
  return { id, operation, operations: sent.length, run };
}

function decodeCase(id: string, operation: string, sent: readonly HeaderBlock[]): MicroCase {
  const decoder = new HpackDecoder({
    maxTableSize: 4096,
    maxListBytes: 16 * 1024,
    maxFields: 128,
    sharePrefixes: true,
  });
  const received = encodeSettled(sent, decoder);
  const run = (): unknown => {
    let last: unknown;
    for (let i = 0; i < received.length; i++) {
      const bytes = received[i] as Uint8Array;
      last = decoder.decode(bytes, 0, bytes.length);
    }
    return last;
  };
  return { id, operation, operations: received.length, run };
}

/** The blocks' octets at a moment when none of them changes the table any more, so that they can be decoded again and again. */
function encodeSettled(sent: readonly HeaderBlock[], decoder: HpackDecoder): readonly Uint8Array[] {
  const encoder = new HpackEncoder();
  let received: Uint8Array[] = [];
  for (let round = 0; round < 3; round++) {
    received = sent.map((block) => {
      const out = Buffer.allocUnsafeSlow(encoder.maxEncodedBytes(block));
      return out.subarray(0, encoder.encode(block, out, 0));
    });
    for (const bytes of received) assert.equal(decoder.decode(bytes, 0, bytes.length).kind, "ok");
  }
  const last = received.at(-1) as Uint8Array;
  const again = decoder.decode(last, 0, last.length);
  assert.ok(again.kind === "ok" && again.block.listBytes === sent.at(-1)?.listBytes);
  return received;
}

/** What another library's server might answer: half of it the same each time. */
function unseenBlocks(count: number): readonly HeaderBlock[] {
  const values = freshValues(3 * count);
  return Array.from({ length: count }, (_, i) => {
    const [request, span, etag] = values.slice(3 * i, 3 * i + 3) as [string, string, string];
    return new HeaderBlock([
      ...[":status", "200", "content-type", "application/grpc", "server", "shop/2.14.1"],
      ...["date", `Thu, 26 Nov 2026 21:${10 + (i % 50)}:${10 + (i % 49)} GMT`, "x-request-id", request],
      ...["x-span-id", span, "etag", etag, "grpc-accept-encoding", "gzip"],
    ]);
  });
}
