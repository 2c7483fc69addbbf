import assert from "node:assert/strict";
import process from "node:process";
import { setImmediate } from "node:timers/promises";

/** How many resources of each kind keep the process alive: sockets, servers, ref'd timers, child processes, look-ups. */
export type ResourceSnapshot = ReadonlyMap<string, number>;

/** A handle that was closed is gone a few turns of the event loop later. */
const turnsToClose = 100;

/** Asynchronous because mocha's own timer for a test or hook starts only with the first await in it. */
export async function snapshotResources(): Promise<ResourceSnapshot> {
  await setImmediate();
  return countResources();
}

function countResources(): ResourceSnapshot {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

/** What there is more of than in `before`: `TCPSocketWrap +2`. Immediates are work in progress, not things left behind. */
function grownSince(before: ResourceSnapshot): string[] {
  const grown: string[] = [];
  for (const [kind, count] of countResources()) {
    const more = count - (before.get(kind) ?? 0);
    if (more > 0 && kind !== "Immediate") grown.push(`${kind} +${more}`);
  }
  return grown;
}

/** Waits for handles that are being closed, then fails if more keeps the process alive than at the time of `before`. */
export async function assertNoLeaks(before: ResourceSnapshot): Promise<void> {
  let grown: string[] = [];
  for (let turn = 0; turn < turnsToClose; turn++) {
    await setImmediate();
    grown = grownSince(before);
    if (grown.length === 0) return;
  }
  assert.deepEqual(grown, [], "resources were left behind");
}

/** Put in a `describe`: its tests together leave nothing open. */
export function checkLeaks(): void {
  let snapshot: ResourceSnapshot = new Map();
  before(async () => {
    snapshot = await snapshotResources();
  });
  after(() => assertNoLeaks(snapshot));
}
