/** How long each part of a bench takes, in milliseconds. */
export interface Times {
  readonly warmUpMs: number;
  readonly idleMs: number;
  readonly attackMs: number;
  readonly afterMs: number;
}

/** A run of a second or two is a look at whether it works: it warms up as briefly. */
export function timesOf(seconds: number, leastSeconds = 0): Times {
  const ms = seconds * 1000;
  return {
    warmUpMs: Math.min(2000, ms),
    idleMs: Math.min(3000, ms),
    attackMs: Math.max(ms, leastSeconds * 1000),
    afterMs: Math.min(2000, ms),
  };
}
