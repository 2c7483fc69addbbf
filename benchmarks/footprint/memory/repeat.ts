import type { SetUps } from "./messages.js";

/** Calls `task` with 0 to `count` - 1, `atOnce` of them under way. Rejects with the first failure. */
export async function repeatAtOnce(
  atOnce: number,
  count: number,
  task: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await task(next++);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker));
}

/** Repeats `setUp` for `durationMs`, `atOnce` under way; those that are then are waited for and count. */
export async function countSetUps(
  atOnce: number,
  durationMs: number,
  setUp: () => Promise<void>,
  now: () => number = () => performance.now(),
): Promise<SetUps> {
  const startedAt = now();
  let count = 0;
  const worker = async (): Promise<void> => {
    do {
      await setUp();
      count++;
    } while (now() - startedAt < durationMs);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return { count, elapsedMs: now() - startedAt };
}
