import { endOfString, huffmanCodeBits, huffmanCodes } from "./huffman-table.js";

/** What decoding returns, all negative, for a string that is not one (RFC 7541 §5.2). */
export const huffmanEndOfString = -1;
export const huffmanBadPadding = -2;
export const huffmanTooLong = -3;

/** Decodes as huffmanDecode does, whatever is in the text. */
export function decodeByAutomaton(
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  limit: number,
): number {
  automaton ??= buildAutomaton();
  const { steps, accepting } = automaton;
  let state = 0;
  let count = 0;
  for (let i = start; i < end; i++) {
    const octet = bytes[i] as number;
    let step = steps[state | (octet >>> 4)] as number;
    if ((step & emits) !== 0) {
      if (count >= limit) return huffmanTooLong;
      out[count++] = step >>> symbolShift;
    }
    step = steps[(step & stateMask) | (octet & 0x0f)] as number;
    if ((step & emits) !== 0) {
      if (count >= limit) return huffmanTooLong;
      out[count++] = step >>> symbolShift;
    }
    state = step & stateMask;
  }
  if (state === failed) return huffmanEndOfString;
  return (accepting[state >>> 4] as number) === 1 ? count : huffmanBadPadding;
}

/*
 * An automaton that reads four bits at a time: no code is shorter than five, so a step writes one octet
 * at most. A state is an inner node of the code tree, or the state after an end-of-string symbol, which nothing leaves.
 * A step holds the next state, already multiplied by 16, the flag `emits`, and the octet to write.
 */
const states = 257; // 257 symbols make 256 inner nodes
const failed = 256 << 4;
const stateMask = 0x1ff0;
const emits = 0x2000;
const symbolShift = 16;

interface Automaton {
  readonly steps: Uint32Array;
  /** 1 where a text may end: at a symbol's end, or after at most seven ones. */
  readonly accepting: Uint8Array;
}

/** Made when it is needed, which in most processes is never. */
let automaton: Automaton | undefined;

function buildAutomaton(): Automaton {
  const children = buildTree();
  const pairs = new Uint32Array(states * 4);
  for (let node = 0; node < 256; node++) for (let pair = 0; pair < 4; pair++) buildPair(children, pairs, node, pair);
  pairs.fill(failed, 256 * 4);
  const steps = new Uint32Array(states * 16);
  // Two steps of two bits are one of four; at most one of them ends a code.
  for (let at = 0; at < states * 16; at++) {
    const first = pairs[at >>> 2] as number;
    const second = pairs[((first & stateMask) >>> 2) | (at & 3)] as number;
    steps[at] = second | (first & ~stateMask);
  }
  const accepting = new Uint8Array(states);
  for (let depth = 0, node = 0; depth < 8; depth++) {
    accepting[node] = 1;
    node = children[node * 2 + 1] as number;
  }
  return { steps, accepting };
}

/** Two children for each inner node: the number of an inner node, or -1 - symbol. The root is 0. */
function buildTree(): Int16Array {
  const children = new Int16Array(512);
  let nodes = 1;
  for (let symbol = 0; symbol <= endOfString; symbol++) {
    const code = huffmanCodes[symbol] as number;
    let node = 0;
    for (let bit = (huffmanCodeBits[symbol] as number) - 1; bit > 0; bit--) {
      const child = node * 2 + ((code >>> bit) & 1);
      if (children[child] === 0) children[child] = nodes++;
      node = children[child] as number;
    }
    children[node * 2 + (code & 1)] = -1 - symbol;
  }
  return children;
}

/** The step of two bits from a node, written as the steps of four are. */
function buildPair(children: Int16Array, pairs: Uint32Array, from: number, pair: number): void {
  let node = from;
  let emitted = 0;
  for (let bit = 1; bit >= 0; bit--) {
    const child = children[node * 2 + ((pair >>> bit) & 1)] as number;
    if (child === -1 - endOfString) {
      pairs[from * 4 + pair] = failed;
      return;
    }
    if (child < 0) emitted = emits | ((-1 - child) << symbolShift);
    node = Math.max(child, 0);
  }
  pairs[from * 4 + pair] = emitted | (node << 4);
}
