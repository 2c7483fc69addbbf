/** Header blocks of a peer: requests, responses and trailers that are right, nearly right, or wrong in one way. */
import { hpackLiterals } from "../../../support/frames.js";
import type { Tape } from "../../tape.js";

/** Blocks that name entries of the dynamic table: how many of them there have to be. */
const neededEntries = new Map<Buffer, number>();
/** Blocks that put an entry in. */
const inserting = new Set<Buffer>();

function needs(entries: number, block: Buffer): Buffer {
  neededEntries.set(block, entries);
  return block;
}

function inserts(block: Buffer): Buffer {
  inserting.add(block);
  return block;
}

/** :method POST, :scheme http, :path / from the static table; :authority goes into the dynamic one. */
const indexedRequest = inserts(Buffer.from("838684410474657374", "hex"));
/** The same with the newest entry. */
const repeatedRequest = needs(1, Buffer.from("838684be", "hex"));

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
  inserts(Buffer.from("400b677270632d7374617475730130", "hex")), // the same, into the dynamic table
  needs(1, Buffer.of(0xbe)),
  hpackLiterals("grpc-status", "5", "grpc-message", "not found"),
  Buffer.alloc(0),
];
/** What may stand behind any of them. */
const extras: readonly Buffer[] = [
  hpackLiterals("te", "trailers"),
  hpackLiterals("x-a", "1", "x-b", "2"),
  inserts(Buffer.from("4003782d610131", "hex")), // x-a: 1 into the dynamic table
  needs(3, Buffer.of(0xbe, 0xbf, 0xc0)),
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

export class HeaderGrammar {
  /** Entries of the dynamic table that are surely there. */
  #entries = 0;

  /** The parts of a header block, to be written one behind the other. */
  parts(tape: Tape, kind: BlockKind): readonly Uint8Array[] {
    const choice = tape.byte();
    const parts: Uint8Array[] = [];
    if (choice >= 254) parts.push(tape.octets(1 + tape.below(20)));
    else if (kind === "request") parts.push(this.#pick(choice < 244 ? requests : badRequests, choice));
    else if (kind === "response") parts.push(this.#pick(choice < 244 ? responses : badResponses, choice));
    else parts.push(this.#pick(trailers, choice));
    const more = tape.byte();
    if (more < 60) parts.push(this.#pick(extras, more));
    else if (more < 84) parts.push(this.#pick(contentLengths, more));
    else if (more > 247) parts.push(this.#pick(badExtras, more));
    return parts;
  }

  #pick(items: readonly Buffer[], choice: number): Buffer {
    const block = items[choice % items.length] as Buffer;
    if ((neededEntries.get(block) ?? 0) > this.#entries) return items[0] as Buffer;
    if (inserting.has(block)) this.#entries += 1;
    return block;
  }
}
