/** What a peer does, by a grammar and a seed: a stream is brought into a state, then come one or two frames. */
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
import { brokenBlocks, request, requestLists, response, responseLists } from "./lists.js";

/** Paths on which the servers under test do something else than answer a request that has ended. */
export const holdPath = "/hold";
export const resetPath = "/reset";
/** A field of a response that makes the clients under test reset their request. */
export const resetField = "x-reset";
/** The state in which the clients under test have not ended their request. */
export const requestOpen = "request open";

/** Who sends the frames. */
export type Prober = "client" | "server";

export interface Probe {
  /** Of stream 1, the one that most frames are on. */
  readonly state: string;
  /** What comes first; the server has done all that it does before `bytes` follow. */
  readonly setup: Buffer;
  readonly bytes: Buffer;
  /** The frames in words, for who reads a failure and for the table of divergences. */
  readonly words: readonly string[];
}

interface Grammar {
  /** How each state is reached: by frames on stream 1, and on 5 where stream 3 is to be passed over. */
  readonly states: Readonly<Record<string, readonly Part[]>>;
  readonly lists: Readonly<Record<string, readonly string[]>>;
  /** The one that is well-formed. */
  readonly list: readonly string[];
}

const grammars: Readonly<Record<Prober, Grammar>> = {
  client: {
    states: {
      idle: [],
      open: [frames.headers(1).request(holdPath)],
      "open, 3 octets to come": [frames.headers(1).request(holdPath, "content-length", "3")],
      "half-closed": [frames.headers(1).request(holdPath).endStream()],
      ended: [frames.headers(1).request("/s/m").endStream()],
      "reset by the peer": [frames.headers(1).request(holdPath), frames.rst(1, 8)],
      "reset by us": [frames.headers(1).request(resetPath)],
      "passed over": [frames.headers(5).request("/s/m").endStream()],
    },
    lists: requestLists,
    list: request,
  },
  server: {
    states: {
      waiting: [],
      [requestOpen]: [],
      answered: [frames.headers(1).response()],
      "answered, 3 octets to come": [frames.headers(1).response(200, "content-length", "3")],
      ended: [frames.headers(1).response().endStream()],
      "reset by the peer": [frames.headers(1).response(), frames.rst(1, 8)],
      "reset by us": [frames.headers(1).response(200, resetField, "1")],
    },
    lists: responseLists,
    list: response,
  },
};

interface Piece {
  readonly words: string;
  readonly frame: Part;
}

/** Makes a frame. `next` is a stream that HEADERS may come on: of a request that has not come yet, or 1 for a response. */
type Production = (random: SeededRandom, grammar: Grammar, next: number) => Piece;

const padded = 0x8;

const productions: Readonly<Record<string, Production>> = {
  HEADERS: (random, grammar, next) => {
    const id = random.pick([1, 1, next, next, next, next, 3, 2, 0]);
    const [name, fields] = random.pick(Object.entries(grammar.lists));
    return headersPiece(random, id, name, hpackLiterals(...fields));
  },
  "HEADERS, broken": (random, _grammar, next) => {
    const [name, hex] = random.pick(Object.entries(brokenBlocks));
    return headersPiece(random, random.pick([1, next]), name, Buffer.from(hex.replace(/ /g, ""), "hex"));
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
    const body = Buffer.concat([uint32(2), hpackLiterals(...request)]);
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
  "block in two frames": (random, grammar, next) => {
    const id = random.pick([1, next]);
    const block = hpackLiterals(...grammar.list);
    const second = random.pick([id, id, id + 2]);
    const between = random.next() < 0.3;
    const first = frames.headers(id).block(block.subarray(0, 10)).unfinished().endStream();
    const rest = frames.continuation(second, block.subarray(10)).endHeaders();
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

export function createProbe(prober: Prober, seed: number): Probe {
  const random = new SeededRandom(seed);
  const grammar = grammars[prober];
  const [state, setup] = random.pick(Object.entries(grammar.states));
  const count = random.next() < 0.8 ? 1 : 2;
  const pieces = Array.from({ length: count }, (_, i) => {
    const name = random.next() < 0.5 ? random.pick(["HEADERS", "DATA"]) : random.pick(Object.keys(productions));
    return (productions[name] as Production)(random, grammar, prober === "client" ? 7 + 2 * i : 1);
  });
  return {
    state,
    setup: bytesOf(...setup),
    bytes: bytesOf(...pieces.map(({ frame }) => frame)),
    words: pieces.map(({ words }) => words),
  };
}
