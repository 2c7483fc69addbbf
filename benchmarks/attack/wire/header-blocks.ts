/** Header blocks by hand (RFC 7541), without Huffman coding. */

/** First index of the dynamic table, RFC 7541 §2.3.3: what was inserted last. */
export const newestIndex = 62;

const staticIndex = { authority: 1, path: 4, contentType: 31 } as const;
const methodPost = indexed(3);
const schemeHttp = indexed(6);
const status200 = indexed(8);

export const methodPath = {
  unary: "/godwit.testing.v1.EchoService/Unary",
  serverStream: "/godwit.testing.v1.EchoService/ServerStream",
  bidi: "/godwit.testing.v1.EchoService/Bidi",
} as const;

/** RFC 7541 §6.1. */
export function indexed(index: number): Buffer {
  return integer(0x80, 7, index);
}

/** RFC 7541 §6.2.1: the field becomes the newest of the dynamic table. A number is the index of a name. */
export function inserted(name: string | number, value: string): Buffer {
  return literal(0x40, 6, name, value);
}

/** RFC 7541 §6.2.2: the field leaves the table as it was. */
export function plain(name: string | number, value: string): Buffer {
  return literal(0x00, 4, name, value);
}

/** A gRPC request of which every connection's first one fills the table, so that `repeatedRequest` can name it. */
export function firstRequest(path: string): Buffer {
  return Buffer.concat([
    methodPost,
    schemeHttp,
    inserted(staticIndex.path, path),
    inserted(staticIndex.authority, "localhost"),
    inserted("te", "trailers"),
    inserted(staticIndex.contentType, "application/grpc"),
  ]);
}

/** The same request in six octets. */
export const repeatedRequest = Buffer.concat([
  methodPost,
  schemeHttp,
  ...[3, 2, 1, 0].map((age) => indexed(newestIndex + age)),
]);

/** A request that leaves the table alone. */
export function plainRequest(path: string, ...more: Buffer[]): Buffer {
  return Buffer.concat([
    methodPost,
    schemeHttp,
    plain(staticIndex.path, path),
    plain(staticIndex.authority, "localhost"),
    plain("te", "trailers"),
    plain(staticIndex.contentType, "application/grpc"),
    ...more,
  ]);
}

export function plainResponse(...more: Buffer[]): Buffer {
  return Buffer.concat([status200, plain(staticIndex.contentType, "application/grpc"), ...more]);
}

/** `:status` 103: one of any number of responses before the response. */
export const informationalResponse = plain(8, "103");

function literal(pattern: number, prefixBits: number, name: string | number, value: string): Buffer {
  const head =
    typeof name === "number" ? integer(pattern, prefixBits, name) : Buffer.concat([Buffer.of(pattern), text(name)]);
  return Buffer.concat([head, text(value)]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value, "latin1");
  return Buffer.concat([integer(0, 7, bytes.length), bytes]);
}

/** RFC 7541 §5.1, behind a pattern. */
function integer(pattern: number, prefixBits: number, value: number): Buffer {
  const most = (1 << prefixBits) - 1;
  if (value < most) return Buffer.of(pattern | value);
  const octets = [pattern | most];
  let rest = value - most;
  for (; rest >= 128; rest >>>= 7) octets.push((rest & 127) | 128);
  octets.push(rest);
  return Buffer.from(octets);
}
