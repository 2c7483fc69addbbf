import type { FakeController } from "./fake-controller.js";

/** How many of `count` picks each subchannel gets. What is no pick counts under its kind. */
export function countPicks(controller: FakeController, count: number): Record<string, number> {
  const counts: Record<string, number> = {};
  for (let i = 0; i < count; i++) {
    const result = controller.pick();
    const name = result.kind === "pick" ? result.subchannel.name : result.kind;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
