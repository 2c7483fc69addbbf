/** What the clients of a small company send: gRPC requests on one connection, ours and nghttp2's encoder side by side. */
import { HpackEncoder } from "../../../src/hpack/encoder.js";
import { flatFields, type HeaderBlock } from "../../../src/hpack/header-block.js";
import { Metadata } from "../../../src/rpc/metadata.js";
import { createRequestPrefix, encodeRequest } from "../../../src/wire/request-headers.js";
import { SeededRandom } from "../random.js";
import type { Field } from "./header-lists.js";
import { Nghttp2Encoder } from "./nghttp2.js";

const calls = 3000;
const hex = "0123456789abcdef";
const base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Methods with the shares of calls that they have, timeouts and metadata as interceptors set them. */
export function requestBlocks(): HeaderBlock[] {
  const random = new SeededRandom(1);
  const prefixes = Array.from({ length: 30 }, (_, i) =>
    createRequestPrefix({
      path: `/acme.${random.pick(["shop", "billing", "users"])}.v1.Service${i % 7}/Method${i}`,
      scheme: "http",
      authority: "shop.internal:50051",
      userAgent: "grpc-node-godwit/0.1.0",
      contentSubtype: "proto",
      acceptEncoding: "gzip,deflate",
    }),
  );
  const token = `Bearer ${random.text(36, base64)}.${random.text(180, base64)}.${random.text(43, base64)}`;
  const tenants = Array.from({ length: 20 }, () => random.text(8, hex));
  return Array.from({ length: calls }, () => {
    // Few methods have most of the calls.
    const prefix = prefixes[Math.floor(prefixes.length * random.next() ** 3)] as HeaderBlock;
    const metadata = new Metadata();
    metadata.set("authorization", token);
    metadata.set("traceparent", `00-${random.text(32, hex)}-${random.text(16, hex)}-0${random.below(2)}`);
    if (random.next() < 0.8) metadata.set("x-tenant-id", random.pick(tenants));
    if (random.next() < 0.3) metadata.set("x-request-id", random.text(32, hex));
    if (random.next() < 0.1) metadata.set("baggage", `user=${random.below(1000)},plan=${random.pick(["free", "pro"])}`);
    const remainingMs = random.next() < 0.7 ? 5_000 - random.next() * 5 : Number.POSITIVE_INFINITY;
    return encodeRequest(prefix, { remainingMs, metadata, encoding: "identity", previousAttempts: 0 });
  });
}

/** Octets of all blocks together. */
export async function corpusSizes(): Promise<{ readonly ours: number; readonly theirs: number }> {
  const blocks = requestBlocks();
  const encoder = new HpackEncoder();
  const out = Buffer.alloc(1 << 16);
  let ours = 0;
  for (const block of blocks) ours += encoder.encode(block, out, 0);
  await using peer = await Nghttp2Encoder.open();
  const encoded = await peer.encode(blocks.map(asList));
  return { ours, theirs: encoded.reduce((sum, { length }) => sum + length, 0) };
}

function asList(block: HeaderBlock): Field[] {
  const flat = flatFields(block);
  return Array.from({ length: flat.length / 2 }, (_, i) => ({
    name: flat[2 * i] as string,
    value: flat[2 * i + 1] as string,
    secret: false,
  }));
}
