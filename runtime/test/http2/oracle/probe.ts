/** What a client does to a server, by a grammar and a seed: a stream is brought into a state, then come one or two frames. */
import { SeededRandom } from "../../hpack/random.js";
import {
  bytesOf,
  type FrameBuilder,
  frames,
  frameType,
  hpackLiterals,
  type Part,
  uint32,
} from "../../support/frames.js";

/** Paths on which the servers under test do something else than answer a request that has ended. */
export const holdPath = "/hold";
export const resetPath = "/reset";

export interface Probe {
  /** Of stream 1, the one that most frames are on. */
  readonly state: string;
  /** What comes first; the server has done all that it does before `bytes` follow. */
  readonly setup: Buffer;
  readonly bytes: Buffer;
  /** The frames in words, for who reads a failure and for the table of divergences. */
  readonly words: readonly string[];
}

/** How a state is reached: by frames on stream 1, and on 5 where stream 3 is to be passed over. */
const states: Readonly<Record<string, readonly Part[]>> = {
  idle: [],
  open: [frames.headers(1).request(holdPath)],
  "open, 3 octets to come": [frames.headers(1).request(holdPath, "content-length", "3")],
  "half-closed": [frames.headers(1).request(holdPath).endStream()],
  ended: [frames.headers(1).request("/s/m").endStream()],
  "reset by the peer": [frames.headers(1).request(holdPath), frames.rst(1, 8)],
  "reset by the server": [frames.headers(1).request(resetPath)],
  "passed over": [frames.headers(5).request("/s/m").endStream()],
};

interface Piece {
  readonly words: string;
  readonly frame: Part;
}

/** Makes a frame. `unused` is the id of a request that may still come. */
type Production = (random: SeededRandom, unused: number) => Piece;

const valid = [":method", "POST", ":scheme", "http", ":path", "/s/m", ":authority", "test"];
const withoutPath = [":method", "POST", ":scheme", "http", ":authority", "test"];

/** Header lists by name; all but the first three are malformed as a request (RFC 9113 §8.2, §8.3). */
const lists: Readonly<Record<string, readonly string[]>> = {
  request: valid,
  "request with content-length 3": [...valid, "content-length", "3"],
  trailers: ["x-trailer", "1"],
  nothing: [],
  "pseudo-header in trailers": ["x-trailer", "1", ":path", "/"],
  "name in capitals": [...valid, "X-Name", "1"],
  "name with a blank": [...valid, "x name", "1"],
  "empty name": [...valid, "", "1"],
  "value with NUL": [...valid, "x-a", "a\u0000b"],
  "value with CR": [...valid, "x-a", "a\rb"],
  "value with LF": [...valid, "x-a", "a\nb"],
  "value with a blank before": [...valid, "x-a", " b"],
  "value with a tab behind": [...valid, "x-a", "b\t"],
  "no :path": withoutPath,
  "empty :path": [...withoutPath, ":path", ""],
  ":path twice": [...valid, ":path", "/"],
  ":method twice": [":method", "GET", ...valid],
  ":authority twice": [...valid, ":authority", "test"],
  "no :method": valid.slice(2),
  "no :scheme": [...valid.slice(0, 2), ...valid.slice(4)],
  ":status in a request": [...valid, ":status", "200"],
  "unknown pseudo-header": [...valid, ":unknown", "1"],
  "pseudo-header behind a field": ["x-a", "1", ...valid],
  connection: [...valid, "connection", "close"],
  "transfer-encoding": [...valid, "transfer-encoding", "chunked"],
  "te: gzip": [...valid, "te", "gzip"],
  "te: trailers": [...valid, "te", "trailers"],
  "content-length in words": [...valid, "content-length", "three"],
  "content-length twice": [...valid, "content-length", "3", "content-length", "4"],
};

/** Blocks that no decoder takes (RFC 7541 §2.3.3, §5.2, §6.1, §6.3). */
const brokenBlocks: Readonly<Record<string, string>> = {
  "index 0": "80",
  "index beyond the tables": "ff00",
  "text cut off": "00057800",
  "Huffman padding of zeros": "00017881 00",
  "size update too large": "3fe2ff03",
  "size update behind a field": "8220",
};

const padded = 0x8;

const productions: Readonly<Record<string, Production>> = {
  HEADERS: (random, unused) => {
    const id = random.pick([1, 1, unused, unused, unused, unused, 3, 2, 0]);
    const [name, fields] = random.pick(Object.entries(lists));
    return headersPiece(random, id, name, hpackLiterals(...fields));
  },
  "HEADERS, broken": (random, unused) => {
    const [name, hex] = random.pick(Object.entries(brokenBlocks));
    return headersPiece(random, random.pick([1, unused]), name, Buffer.from(hex.replace(/ /g, ""), "hex"));
  },
  DATA: (random) => {
    const id = random.pick([1, 1, 1, 1, 1, 3, 7, 2, 0]);
    const size = random.pick([0, 1, 3, 100]);
    const frame = frames.data(id, size);
    const flags = endStreamOf(random, frame);
    return {
      words: `DATA ${id} of ${size}${flags}`,
      frame: random.next() < 0.2 ? frame.padded(random.below(256)) : frame,
    };
  },
  "padding too long": (random) => {
    const type = random.pick([frameType.DATA, frameType.HEADERS]);
    const frame = frames.raw(type, padded | 0x4, 1, Buffer.from([random.pick([4, 5, 200]), 0x82, 0x86, 0x84]));
    return { words: `${type === 0 ? "DATA" : "HEADERS"} 1 with padding longer than the frame`, frame };
  },
  PRIORITY: (random) => {
    const id = random.pick([0, 1, 3, 7, 2]);
    const dependency = random.pick([0, 1, 3, 7]);
    const size = random.pick([5, 5, 5, 4, 6, 0]);
    const body = Buffer.alloc(size);
    if (size >= 4) body.writeUInt32BE(dependency);
    const itself = size === 5 && dependency === id && id !== 0 ? " on itself" : "";
    return { words: `PRIORITY ${id} of ${size}${itself}`, frame: frames.raw(frameType.PRIORITY, 0, id, body) };
  },
  RST_STREAM: (random) => {
    const id = random.pick([0, 1, 1, 3, 7, 2]);
    const size = random.pick([4, 4, 4, 0, 3, 5]);
    const body = Buffer.alloc(size, 0);
    if (size >= 4) body.writeUInt32BE(random.pick([0, 8, 0xffff]));
    return { words: `RST_STREAM ${id} of ${size}`, frame: frames.raw(frameType.RST_STREAM, 0, id, body) };
  },
  SETTINGS: (random) => {
    const id = random.below(8);
    const value = random.pick([
      0, 1, 2, 100, 16_383, 16_384, 16_777_215, 16_777_216, 0x7fffffff, 0x80000000, 0xffffffff,
    ]);
    return { words: `SETTINGS ${id}=${value}`, frame: frames.settings(id, value) };
  },
  "SETTINGS, broken": (random) => {
    const [words, flags, id, size] = random.pick([
      ["SETTINGS of 5", 0, 0, 5],
      ["SETTINGS of 7", 0, 0, 7],
      ["SETTINGS ACK of 6", 1, 0, 6],
      ["SETTINGS ACK", 1, 0, 0],
      ["SETTINGS on stream 1", 0, 1, 0],
    ] as const);
    return { words, frame: frames.raw(frameType.SETTINGS, flags, id, Buffer.alloc(size)) };
  },
  PUSH_PROMISE: (random) => {
    const id = random.pick([0, 1, 7]);
    const body = Buffer.concat([uint32(2), hpackLiterals(...valid)]);
    return { words: `PUSH_PROMISE ${id}`, frame: frames.raw(frameType.PUSH_PROMISE, 0x4, id, body) };
  },
  PING: (random) => {
    const id = random.pick([0, 0, 0, 1]);
    const size = random.pick([8, 8, 7, 9, 0]);
    const isAck = random.next() < 0.3;
    const words = `PING${isAck ? " ACK" : ""} ${id} of ${size}`;
    return { words, frame: frames.raw(frameType.PING, isAck ? 1 : 0, id, Buffer.alloc(size)) };
  },
  GOAWAY: (random) => {
    const id = random.pick([0, 0, 0, 1]);
    const size = random.pick([8, 8, 20, 7, 0]);
    return { words: `GOAWAY ${id} of ${size}`, frame: frames.raw(frameType.GOAWAY, 0, id, Buffer.alloc(size)) };
  },
  WINDOW_UPDATE: (random) => {
    const id = random.pick([0, 1, 1, 1, 3, 7, 2]);
    const increment = random.pick([0, 1, 1000, 0x7fffffff, 0x80000001]);
    return { words: `WINDOW_UPDATE ${id} +${increment}`, frame: frames.windowUpdate(id, increment) };
  },
  "WINDOW_UPDATE, broken": (random) => {
    const id = random.pick([0, 1, 7]);
    const size = random.pick([0, 3, 5]);
    return { words: `WINDOW_UPDATE ${id} of ${size}`, frame: frames.raw(8, 0, id, Buffer.alloc(size, 1)) };
  },
  CONTINUATION: (random) => {
    const id = random.pick([0, 1, 7]);
    return { words: `CONTINUATION ${id}`, frame: frames.continuation(id, Buffer.alloc(0)).endHeaders() };
  },
  "block in two frames": (random, unused) => {
    const id = random.pick([1, unused]);
    const block = hpackLiterals(...valid);
    const second = random.pick([id, id, id + 2]);
    const between = random.next() < 0.3;
    const first = frames.headers(id).block(block.subarray(0, 20)).unfinished().endStream();
    const rest = frames.continuation(second, block.subarray(20)).endHeaders();
    const words = `HEADERS ${id}${between ? ", PING" : ""} and CONTINUATION ${second}`;
    return { words, frame: between ? bytesOf(first, frames.ping("between!"), rest) : bytesOf(first, rest) };
  },
  "unknown type": (random) => {
    const type = 0x0a + random.below(0xf6);
    const id = random.pick([0, 1, 7]);
    return { words: `type ${type}`, frame: frames.raw(type, random.below(256), id, random.bytes(random.below(20))) };
  },
  "frame too large": (random) => {
    const type = random.pick([frameType.DATA, frameType.HEADERS, 0x42]);
    return { words: `type ${type} of 16385`, frame: frames.raw(type, 0x4, 1, Buffer.alloc(16_385)) };
  },
};

function endStreamOf(random: SeededRandom, frame: FrameBuilder): string {
  if (random.next() < 0.5) return "";
  frame.endStream();
  return " END_STREAM";
}

function headersPiece(random: SeededRandom, id: number, name: string, block: Buffer): Piece {
  const frame = frames.headers(id).block(block);
  let words = `HEADERS ${id} (${name})${endStreamOf(random, frame)}`;
  if (random.next() < 0.15) frame.padded(random.below(256));
  if (random.next() < 0.15) {
    const dependency = random.pick([0, 3, id]);
    frame.priority(dependency);
    if (dependency === id) words += " depending on itself";
  }
  return { words, frame };
}

export function createProbe(seed: number): Probe {
  const random = new SeededRandom(seed);
  const [state, setup] = random.pick(Object.entries(states));
  const count = random.next() < 0.8 ? 1 : 2;
  const pieces = Array.from({ length: count }, (_, i) => {
    const name = random.next() < 0.5 ? random.pick(["HEADERS", "DATA"]) : random.pick(Object.keys(productions));
    return (productions[name] as Production)(random, 7 + 2 * i);
  });
  return {
    state,
    setup: bytesOf(...setup),
    bytes: bytesOf(...pieces.map(({ frame }) => frame)),
    words: pieces.map(({ words }) => words),
  };
}
