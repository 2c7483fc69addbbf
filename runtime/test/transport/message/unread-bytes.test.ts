import assert from "node:assert/strict";
import { UnreadBytes } from "../../../src/transport/message/unread-bytes.js";
import { SeededRandom } from "../../hpack/random.js";

describe("unread bytes", () => {
  it("up to the limit do not hold the window", () => {
    const unread = new UnreadBytes(100);
    assert.equal(unread.change(60, 0), 60);
    assert.equal(unread.change(60, 0), 40);
    assert.equal(unread.change(10, 0), 0);
    assert.equal(unread.change(0, 20), 20, "30 were held");
    assert.equal(unread.change(0, 90), 10, "10 were held, 80 had been given back when they came");
    assert.equal(unread.change(0, 20), 0);
    assert.equal(unread.change(30, 30), 30);
  });

  it("always hold it when the limit is 0, and never when there is none", () => {
    const none = new UnreadBytes(0);
    assert.deepEqual([none.change(10, 0), none.change(0, 4), none.change(5, 5), none.change(0, 6)], [0, 4, 5, 6]);
    const all = new UnreadBytes(Number.POSITIVE_INFINITY);
    assert.deepEqual([all.change(10, 0), all.change(0, 4), all.change(5, 5), all.change(0, 6)], [10, 0, 5, 0]);
  });

  it("give back every byte once, and hold at most what is above the limit", () => {
    const random = new SeededRandom(7);
    for (let round = 0; round < 200; round++) {
      const limit = random.below(50);
      const unread = new UnreadBytes(limit);
      let held = 0;
      let waiting = 0;
      for (let step = 0; step < 100; step++) {
        const received = random.below(20);
        const read = random.below(waiting + received + 1);
        waiting += received - read;
        const released = unread.change(received, read);
        assert.ok(released >= 0);
        held += received - released;
        assert.equal(held, Math.max(0, waiting - limit));
      }
      unread.change(0, waiting);
    }
  });
});
