import type { TargetName } from "../fuzz/targets/index.js";
import type { Plant } from "./plant.js";

function plant(
  number: number,
  target: TargetName,
  name: string,
  rest: Omit<Plant, "number" | "name" | "foundBy">,
): Plant {
  return { number, name, ...rest, foundBy: `fuzz:${target}` };
}

/** Faults that fuzzing has to find. */
export const fuzzPlants: readonly Plant[] = [
  plant(101, "hpack", "eviction off by one", {
    breaks: "an entry leaves the dynamic table although it just fits",
    file: "hpack/dynamic-table.js",
    find: "while (this.bytes > bytes && this.length > 0)",
    replace: "while (this.bytes >= bytes && this.length > 0)",
  }),
  plant(102, "hpack", "a block out of date", {
    breaks: "a block that comes again means what it meant before the table changed",
    file: "hpack/header-block-cache.js",
    find: "if (epoch === this.#epoch)",
    replace: "if (epoch >= this.#epoch)",
  }),
  plant(103, "hpack", "padding that is too long", {
    breaks: "a Huffman string may end in eight ones and more",
    file: "hpack/huffman-decoder.js",
    find: "bits < 8",
    replace: "bits < 9",
  }),
  plant(104, "frames", "padding that is not given back", {
    breaks: "the padding of a DATA frame is lost to the connection's window",
    file: "http2/inbound/data-receiver.js",
    find: "this.#ledger.releaseConnection(padding);",
    replace: "",
  }),
  plant(105, "frames", "padding that its stream does not get back", {
    breaks: "the padding of a DATA frame is lost to the window of its stream",
    file: "http2/inbound/data-receiver.js",
    find: "this.#ledger.releaseStream(stream, padding);",
    replace: "",
  }),
  plant(106, "frames", "one CONTINUATION too many", {
    breaks: "a header block may have one CONTINUATION frame more than the limit",
    file: "http2/connection/header-assembler.js",
    find: "if (this.#continuations > this.#limits.maxContinuationFrames)",
    replace: "if (this.#continuations > this.#limits.maxContinuationFrames + 1)",
  }),
  plant(107, "frames", "a window that is not looked at", {
    breaks: "DATA is sent beyond the window of its stream",
    file: "http2/session-outbound.js",
    find: "size <= remote.initialWindowBytes + stream.sendDelta &&",
    replace: "",
  }),
  plant(108, "deframer", "a byte lost at the edge of a chunk", {
    breaks: "of small pieces that are gathered in one buffer, the last byte of the first is overwritten",
    file: "wire/piece-queue.js",
    find: "tail.bytes.set(chunk.subarray(start, start + size), tail.end);",
    replace: "tail.bytes.set(chunk.subarray(start, start + size), tail.end > 4 ? tail.end - 1 : tail.end);",
  }),
  plant(109, "deframer", "bytes that are consumed twice", {
    breaks: "what is thrown away counts as consumed with what had been before",
    file: "wire/message-deframer.js",
    find: "this.#consumedBytes += this.#pieces.bytes - this.#lyingBytes;",
    replace: "this.#consumedBytes += this.bufferedBytes;",
  }),
  plant(110, "grpc-values", "a percent sign that throws", {
    breaks: "reading a grpc-message throws where an escape is broken",
    file: "wire/grpc-message.js",
    find: 'return bytes.toString("utf8", 0, length);',
    replace: 'return length === bytes.length ? bytes.toString("utf8", 0, length) : decodeURIComponent(value);',
  }),
  plant(111, "grpc-values", "a timeout of nine digits", {
    breaks: "a grpc-timeout may be ten times as long as it may be",
    file: "wire/grpc-timeout.js",
    find: "digits > 8",
    replace: "digits > 9",
  }),
  plant(112, "splits", "a frame that its cut makes another", {
    breaks: "the pad length of a DATA frame that begins a chunk is taken for data",
    file: "http2/frame/frame-reader.js",
    find: "else if ((this.flags & Flag.PADDED) !== 0)",
    replace: "else if ((this.flags & Flag.PADDED) !== 0 && this.#offset < this.#chunk.length)",
  }),
  plant(113, "turns", "a turn that is forgotten", {
    breaks: "of the calls that wait for a turn only the first goes on",
    file: "transport/message/turn-budget.js",
    find: "rest.push(who);",
    replace: "continue;",
  }),
];
