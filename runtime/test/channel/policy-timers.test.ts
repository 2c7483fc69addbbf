import assert from "node:assert/strict";
import { WorkQueue } from "../../src/base/work-queue.js";
import { PolicyTimers } from "../../src/channel/policy-timers.js";
import { FakePlatform } from "../support/fake-platform.js";

describe("PolicyTimers", () => {
  const create = (): { platform: FakePlatform; queue: WorkQueue; timers: PolicyTimers } => {
    const platform = new FakePlatform();
    const queue = new WorkQueue((error) => assert.fail(String(error)));
    return { platform, queue, timers: new PolicyTimers(platform, queue) };
  };

  it("run as pieces of work, and do not keep the process alive", () => {
    const { platform, queue, timers } = create();
    const log: string[] = [];
    timers.set(platform.now() + 10, () => log.push("timer"));
    assert.equal(platform.holdingTimers, 0);
    queue.run(() => {
      platform.advance(10);
      log.push("work");
    });
    assert.deepEqual(log, ["work", "timer"]);
  });

  it("that are cancelled do not run, even if they are due already", () => {
    const { platform, queue, timers } = create();
    const early = timers.set(platform.now() + 5, () => assert.fail("cancelled"));
    const due = timers.set(platform.now() + 10, () => assert.fail("cancelled"));
    early.cancel();
    queue.run(() => {
      platform.advance(10);
      due.cancel();
    });
    assert.equal(platform.timers, 0);
  });

  it("are gone with the policy, and so are those that it sets afterwards", () => {
    const { platform, timers } = create();
    timers.set(platform.now() + 10, () => assert.fail("closed"));
    timers.close();
    timers.set(platform.now() + 10, () => assert.fail("closed")).cancel();
    assert.equal(platform.timers, 0);
  });
});
