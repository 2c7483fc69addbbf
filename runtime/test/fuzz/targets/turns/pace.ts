import type { LimitOptions } from "../../../../src/transport/transport-limits.js";
import type { SeededRandom } from "../../../hpack/random.js";

/** How the bytes of a script come, and what a turn may bring. */
export interface Pace {
  readonly limits: LimitOptions;
  readonly chunks: readonly Uint8Array[];
  /** Turns behind each chunk; over and over where there are more chunks. */
  readonly turns: readonly number[];
}

const unlimited = 0xffffffff;

/** In one chunk, and with no budget of a turn. */
export function atOnce(bytes: Uint8Array): Pace {
  const limits = { maxNewStreamsPerTurn: unlimited, maxMessagesPerTurn: unlimited, maxQueuedControlFrames: unlimited };
  return { limits, chunks: [bytes], turns: [0] };
}

export function randomPace(bytes: Uint8Array, random: SeededRandom): Pace {
  const limits = {
    maxNewStreamsPerTurn: 1 + random.below(random.pick([1, 4, 40])),
    maxMessagesPerTurn: 1 + random.below(random.pick([1, 4, 300])),
    maxQueuedControlFrames: 1 + random.below(random.pick([1, 4, 100])),
  };
  const chunks: Uint8Array[] = [];
  const most = random.pick([8, 60, 600, 100_000]);
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + random.below(most);
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  const turns = Array.from({ length: 7 }, () => random.below(random.pick([1, 2, 4])));
  return { limits, chunks, turns };
}

/** Sends what comes at this pace: `send` hands a chunk over, `turn` lets one turn go by. */
export function goAtPace({ chunks, turns }: Pace, send: (chunk: Uint8Array) => void, turn: () => void): void {
  for (const [index, chunk] of chunks.entries()) {
    send(chunk);
    for (let left = turns[index % turns.length] as number; left > 0; left--) turn();
  }
}
