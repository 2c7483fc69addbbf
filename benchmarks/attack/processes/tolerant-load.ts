/** A closed loop that goes on when calls fail: what it gets done under attack is the measure. */
import { performance } from "node:perf_hooks";
import type { StartOperation } from "../../macro/closed-loop.js";
import { LatencyHistogram } from "../../macro/latency-histogram.js";
import type { Load } from "../messages.js";

/** Before the call that follows a failed one: failing at once, over and over, is no load. */
const pauseMs = 20;
const keptErrors = 3;

/** Each entry of `slots` is one call at a time. */
export function measureLoad(slots: readonly StartOperation[], durationMs: number): Promise<Load> {
  return new Promise((resolve) => {
    const latencies = new LatencyHistogram();
    const errors = new Set<string>();
    /** When each slot's call was sent; undefined between calls. */
    const sentAt = new Array<number | undefined>(slots.length);
    const startedAt = performance.now();
    let isOver = false;
    let answered = 0;
    let failed = 0;
    let lastAnswerAt = startedAt;
    let longestGapMs = 0;

    const call = (slot: number): void => {
      if (isOver) return;
      sentAt[slot] = performance.now();
      slots[slot]?.((error) => onDone(slot, error));
    };
    const onDone = (slot: number, error: unknown): void => {
      const at = sentAt[slot];
      if (isOver || at === undefined) return;
      sentAt[slot] = undefined;
      if (error !== undefined) {
        failed++;
        if (errors.size < keptErrors) errors.add(error instanceof Error ? error.message : String(error));
        setTimeout(call, pauseMs, slot);
        return;
      }
      const now = performance.now();
      latencies.record(now - at);
      answered++;
      longestGapMs = Math.max(longestGapMs, now - lastAnswerAt);
      lastAnswerAt = now;
      call(slot);
    };
    for (let slot = 0; slot < slots.length; slot++) call(slot);

    setTimeout(() => {
      isOver = true;
      const now = performance.now();
      for (const at of sentAt) if (at !== undefined) latencies.record(now - at);
      resolve({
        type: "load",
        answered,
        failed,
        perSecond: (answered * 1000) / (now - startedAt),
        p50Us: latencies.quantileUs(0.5) ?? 0,
        p99Us: latencies.quantileUs(0.99) ?? 0,
        longestGapMs: Math.max(longestGapMs, now - lastAnswerAt),
        errors: [...errors],
      });
    }, durationMs);
  });
}
