import assert from "node:assert/strict";
import process from "node:process";
import { setImmediate } from "node:timers/promises";

/** Put in a `describe`: fails a test after which a promise was rejected that nobody listens to. */
export function checkRejections(): void {
  let unhandled: unknown[] = [];
  const listen = (reason: unknown): void => {
    unhandled.push(reason);
  };
  beforeEach(() => {
    unhandled = [];
    process.on("unhandledRejection", listen);
  });
  afterEach(async () => {
    // Rejections are judged when the microtasks have run.
    await setImmediate();
    await setImmediate();
    process.off("unhandledRejection", listen);
    assert.deepEqual(unhandled, [], "a rejection was not handled");
  });
}
