import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { type Counts, openResources } from "./open-resources.js";
import { forgetObjects, livingObjects, trackedClasses } from "./tracked-objects.js";

/** A handle that was closed is gone a few turns of the event loop later, an object when garbage was collected after that. */
const turnsToClose = 100;
const collections = 10;

/** Finds what was opened or made since it was started, or since its last finding, and is still there. */
export class LeakCheck {
  #before: Counts;

  private constructor(before: Counts) {
    this.#before = before;
  }

  /** Asynchronous because mocha's own timer for a test or a hook starts only with the first await in it. */
  static async start(): Promise<LeakCheck> {
    await setImmediate();
    forgetObjects();
    return new LeakCheck(openResources());
  }

  /** `2 × Timeout`, `1 × ServerCall object`. What was found once is not found again: each is blamed on one suite. */
  async leftBehind(): Promise<readonly string[]> {
    let resources: string[] = [];
    for (let turn = 0; turn === 0 || (turn < turnsToClose && resources.length > 0); turn++) {
      await setImmediate();
      resources = grownSince(this.#before);
    }
    this.#before = openResources();
    const objects = await survivors(trackedClasses);
    forgetObjects();
    return [...resources, ...objects];
  }

  async assertNothingLeft(suite: string): Promise<void> {
    const left = await this.leftBehind();
    assert.ok(left.length === 0, `"${suite}" left behind: ${left.join(", ")}`);
  }
}

function grownSince(before: Counts): string[] {
  const grown: string[] = [];
  for (const [kind, count] of openResources()) {
    const more = count - (before.get(kind) ?? 0);
    if (more > 0) grown.push(`${more} × ${kind}`);
  }
  return grown;
}

/** Objects that live on although garbage is collected, which is done only where there may be some. */
export async function survivors(classes: readonly string[]): Promise<string[]> {
  const living = () => Array.from(livingObjects()).filter(([name]) => classes.includes(name));
  for (let round = 0; round < collections && living().length > 0; round++) {
    // The first turn lets go of what the last microtask still held; in the second, garbage collection tells of its work.
    await setImmediate();
    globalThis.gc?.();
    await setImmediate();
  }
  return living().map(([name, count]) => `${count} × ${name} object`);
}
