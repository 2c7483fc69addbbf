/** Header blocks of a peer: requests, responses and trailers that are right, nearly right, or wrong in one way. */
import { hpackLiterals } from "../../../support/frames.js";
import type { Tape } from "../../tape.js";

/** :method POST, :scheme http, :path / from the static table; :authority goes into the dynamic one. */
const indexedRequest = Buffer.from("838684410474657374", "hex");
/** The same with the entry that the one above put in, if it did. */
const repeatedRequest = Buffer.from("838684be", "hex");

const requests: readonly Buffer[] = [
  hpackLiterals(":method", "POST", ":scheme", "http", ":path", "/s/m", ":authority", "test"),
  indexedRequest,
  repeatedRequest,
  indexedRequest,
  repeatedRequest,
  hpackLiterals(":method", "POST", ":scheme", "http", ":path", "/s/m"),
];
const badRequests: readonly Buffer[] = [
  hpackLiterals(":method", "POST", ":scheme", "http", ":path", ""),
  hpackLiterals(":method", "POST", ":scheme", "http"),
  hpackLiterals(":method", "POST", ":method", "GET", ":scheme", "http", ":path", "/"),
  hpackLiterals("x", "y", ":method", "POST", ":scheme", "http", ":path", "/"),
  hpackLiterals(":status", "200"),
];
const responses: readonly Buffer[] = [
  Buffer.of(0x88), // 200
  hpackLiterals(":status", "200", "content-type", "application/grpc"),
  Buffer.of(0x88),
  Buffer.of(0x8d), // 404
  hpackLiterals(":status", "103"),
  hpackLiterals(":status", "100"),
];
const badResponses: readonly Buffer[] = [
  hpackLiterals(":status", "0"),
  hpackLiterals("x", "y"),
  hpackLiterals(":status", "200", ":status", "200"),
  hpackLiterals(":status", "101"),
  hpackLiterals(":path", "/"),
];
const trailers: readonly Buffer[] = [
  hpackLiterals("grpc-status", "0"),
  Buffer.from("400b677270632d7374617475730130", "hex"), // the same, into the dynamic table
  Buffer.of(0xbe),
  hpackLiterals("grpc-status", "5", "grpc-message", "not found"),
  Buffer.alloc(0),
];
/** What may stand behind any of them. */
const extras: readonly Buffer[] = [
  hpackLiterals("te", "trailers"),
  hpackLiterals("x-a", "1", "x-b", "2"),
  Buffer.from("4003782d610131", "hex"), // x-a: 1 into the dynamic table
  Buffer.of(0xbe, 0xbf, 0xc0),
  hpackLiterals("cookie", "a=b", "cookie", "c=d", "cookie", "e=f"),
  hpackLiterals("authorization", "secret"),
];
const badExtras: readonly Buffer[] = [
  hpackLiterals("Upper", "1"),
  hpackLiterals("", "1"),
  hpackLiterals("x", "line\nbreak"),
  hpackLiterals("x", " blank "),
  hpackLiterals("connection", "close"),
  hpackLiterals("te", "gzip"),
  hpackLiterals("content-length", "-1"),
  hpackLiterals("x-long", "l".repeat(700)),
  Buffer.alloc(40, 0x82),
  Buffer.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f),
  Buffer.from("3fe21f", "hex"), // a table size update above 4096
  Buffer.of(0x20),
  Buffer.of(0x00, 0x85),
  Buffer.of(0x80),
];

export type BlockKind = "request" | "response" | "trailers";

const contentLengths = ["0", "1", "7", "20", "100"].map((length) => hpackLiterals("content-length", length));

/** The parts of a header block, to be written one behind the other. */
export function headerParts(tape: Tape, kind: BlockKind): readonly Uint8Array[] {
  const choice = tape.byte();
  const parts: Uint8Array[] = [];
  if (choice >= 254) parts.push(tape.octets(1 + tape.below(20)));
  else if (kind === "request") parts.push(pickFrom(choice < 244 ? requests : badRequests, choice));
  else if (kind === "response") parts.push(pickFrom(choice < 244 ? responses : badResponses, choice));
  else parts.push(pickFrom(trailers, choice));
  const more = tape.byte();
  if (more < 60) parts.push(pickFrom(extras, more));
  else if (more < 84) parts.push(pickFrom(contentLengths, more));
  else if (more > 247) parts.push(pickFrom(badExtras, more));
  return parts;
}

function pickFrom(items: readonly Buffer[], choice: number): Buffer {
  return items[choice % items.length] as Buffer;
}
