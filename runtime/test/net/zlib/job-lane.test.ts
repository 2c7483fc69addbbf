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
        return () => {};
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
    lane.run(() => {
      started.push(5);
      return () => {};
    });
    assert.deepEqual(started, [0, 1, 2, 3, 4, 5]);
  });

  it("starts a waiting job that is released at once", () => {
    const lane = new JobLane(1);
    let ran = 0;
    let first = (): void => {};
    lane.run((release) => {
      first = release;
      return () => {};
    });
    for (let i = 0; i < 3; i++) {
      lane.run((release) => {
        ran++;
        release();
        return () => {};
      });
    }
    assert.equal(ran, 0);
    first();
    assert.equal(ran, 3);
  });

  it("forgets a job that is given up before its turn, and stops one that has begun", () => {
    const lane = new JobLane(1);
    const log: string[] = [];
    const jobs = ["a", "b", "c"].map((name) =>
      lane.run((release) => {
        log.push(`start ${name}`);
        return () => {
          log.push(`stop ${name}`);
          release();
        };
      }),
    );
    assert.equal(lane.waiting, 2);
    jobs[1]?.cancel();
    jobs[1]?.cancel();
    assert.equal(lane.waiting, 1);
    jobs[0]?.cancel();
    assert.deepEqual(log, ["start a", "stop a", "start c"]);
    assert.equal(lane.waiting, 0);
  });
});
