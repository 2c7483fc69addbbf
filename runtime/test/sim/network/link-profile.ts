import type { SeededRandom } from "../../hpack/random.js";

/** Sizes of the pieces that bytes travel in. */
export type Pieces = "large" | "packets" | "small" | "mixed";

/** How one connection behaves, beside what is done to it on purpose. */
export interface LinkProfile {
  /** One way. */
  readonly latencyMs: number;
  /** Added to the latency of each piece, at most. */
  readonly jitterMs: number;
  readonly pieces: Pieces;
  /** Unsent bytes from which write says stop. */
  readonly writeLimitBytes: number;
  /** What may be on its way and unread at the other end. */
  readonly capacityBytes: number;
  /** Chance that a write is taken by the system before it returns. */
  readonly promptWrites: number;
  /** Chance that a read takes all that has come in one chunk. */
  readonly coalescedReads: number;
}

export const calmLink: LinkProfile = {
  latencyMs: 1,
  jitterMs: 0,
  pieces: "large",
  writeLimitBytes: 256 * 1024,
  capacityBytes: 1024 * 1024,
  promptWrites: 1,
  coalescedReads: 1,
};

/** What was written takes its time to be gone. */
export const slowLink: LinkProfile = { ...calmLink, latencyMs: 150, pieces: "packets", capacityBytes: 5_000 };

export function drawLinkProfile(random: SeededRandom): LinkProfile {
  return {
    latencyMs: random.pick([0, 0, 0.25, 1, 5, 40, 150]),
    jitterMs: random.pick([0, 0, 0.5, 10]),
    pieces: random.pick(["large", "packets", "small", "mixed"]),
    writeLimitBytes: random.pick([1, 2_000, 16 * 1024, 256 * 1024]),
    capacityBytes: random.pick([3_000, 20_000, 200_000, 1024 * 1024]),
    promptWrites: random.pick([0, 0.5, 1]),
    coalescedReads: random.pick([0.2, 0.8, 1]),
  };
}

/** Bytes of the next piece. Small ones are for headers and prefixes: nobody waits for a megabyte in single bytes. */
export function pieceBytes(pieces: Pieces, random: SeededRandom, leftBytes: number): number {
  const isShort = leftBytes < 4_000;
  switch (pieces) {
    case "large":
      return 65_536;
    case "packets":
      return 1_460;
    case "small":
      return isShort ? 1 + random.below(12) : 1 + random.below(6_000);
    case "mixed":
      return random.pick([isShort ? 1 : 100, isShort ? 9 : 1_000, 5_000, 65_536]);
  }
}
