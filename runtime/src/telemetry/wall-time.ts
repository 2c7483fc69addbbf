import type { Millis, Platform } from "../base/platform.js";

/** What time it was on the wall clock; undefined for NaN, which stands for never. */
export function wallTime(platform: Pick<Platform, "now" | "wallClock">, at: Millis): Date | undefined {
  return Number.isNaN(at) ? undefined : new Date(platform.wallClock() - platform.now() + at);
}
