import assert from "node:assert/strict";
import { JobLane } from "../../../src/net/zlib/job-lane.js";

describe("JobLane", () => {
  it("runs so many jobs at a time and the others in order", () => {
    const lane = new JobLane(2);
    const started: number[] = [];
    const releases: (() => void)[] = [];
    for (let i = 0; i < 5; i++) {
      lane.run((release) => {
        started.push(i);
        releases.push(release);
      });
    }
    assert.deepEqual(started, [0, 1]);
    releases[1]?.();
    assert.deepEqual(started, [0, 1, 2]);
    releases[0]?.();
    releases[2]?.();
    assert.deepEqual(started, [0, 1, 2, 3, 4]);
    releases[3]?.();
    releases[4]?.();
    lane.run(() => started.push(5));
    assert.deepEqual(started, [0, 1, 2, 3, 4, 5]);
  });

  it("starts a waiting job that is released at once", () => {
    const lane = new JobLane(1);
    let ran = 0;
    let first = (): void => {};
    lane.run((release) => {
      first = release;
    });
    for (let i = 0; i < 3; i++) {
      lane.run((release) => {
        ran++;
        release();
      });
    }
    assert.equal(ran, 0);
    first();
    assert.equal(ran, 3);
  });
});
