import type { Millis } from "../base/platform.js";

/** When a call must have ended, on the platform's monotonic clock; `Infinity` is never. */
export type Deadline = Millis;

export const noDeadline: Deadline = Number.POSITIVE_INFINITY;
