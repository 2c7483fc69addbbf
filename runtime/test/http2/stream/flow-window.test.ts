import assert from "node:assert/strict";
import { maxWindowBytes, ReceiveWindow } from "../../../src/http2/stream/flow-window.js";
import { forSeeds } from "../../hpack/random.js";

describe("ReceiveWindow", () => {
  it("takes as much as was granted and not a byte more", () => {
    const window = new ReceiveWindow(100, 100);
    assert.ok(window.receive(0));
    assert.ok(window.receive(99));
    assert.ok(window.receive(1));
    assert.equal(window.available, 0);
    assert.ok(!window.receive(1));
  });

  it("gives back what was read once it is half of the window", () => {
    const window = new ReceiveWindow(100, 100);
    window.receive(100);
    assert.equal(window.release(49), 0);
    assert.equal(window.release(0), 0);
    assert.equal(window.release(1), 50);
    assert.equal(window.release(49), 0);
    assert.equal(window.release(1), 50);
    assert.equal(window.available, 100);
  });

  it("opens ahead for what is expected, and gives that back once", () => {
    const window = new ReceiveWindow(100, 100);
    assert.equal(window.openAhead(100), 0);
    assert.equal(window.openAhead(300), 200);
    assert.equal(window.openAhead(300), 0);
    assert.ok(window.receive(300));
    assert.deepEqual([window.available, window.owed], [0, -200]);
    assert.equal(window.release(249), 0);
    assert.equal(window.release(51), 100);
    assert.deepEqual([window.available, window.held, window.owed], [100, 0, 0]);
  });

  it("opens ahead on account of what is owed, and no further than a window may be (RFC 9113 §6.9.1)", () => {
    const window = new ReceiveWindow(100, 100);
    window.receive(40);
    assert.equal(window.release(40), 0);
    assert.equal(window.openAhead(90), 30);
    assert.equal(window.owed, 10);
    assert.equal(window.openAhead(Number.POSITIVE_INFINITY), maxWindowBytes - 90);
  });

  it("gives back every byte of a window of 0 or 1", () => {
    for (const size of [0, 1]) {
      const window = new ReceiveWindow(size, 65535);
      window.receive(1);
      assert.equal(window.release(1), 1);
    }
  });

  it("takes 65535 bytes until a smaller window is acknowledged (RFC 9113 §6.9.2)", () => {
    const window = new ReceiveWindow(100, 65535);
    assert.ok(window.receive(65535));
    assert.equal(window.release(65535), 65535);
    window.shrink(65535 - 100);
    assert.equal(window.available, 100);
    assert.ok(window.receive(100));
    assert.ok(!window.receive(1));
  });

  it("may be negative after a shrink, and recovers", () => {
    const window = new ReceiveWindow(100, 65535);
    assert.ok(window.receive(1000));
    window.shrink(65435);
    assert.equal(window.available, -900);
    assert.equal(window.release(1000), 1000);
    assert.equal(window.available, 100);
  });

  it("gives every byte back once: available + unread + owed is what was granted", () => {
    forSeeds(50, (random) => {
      const granted = 1 + random.below(1000);
      const window = new ReceiveWindow(granted, granted);
      let unread = 0;
      let received = 0;
      let given = 0;
      for (let step = 0; step < 500; step++) {
        const size = random.below(window.available + 1);
        assert.ok(window.receive(size));
        received += size;
        unread += size;
        const read = random.below(unread + 1);
        unread -= read;
        given += window.release(read);
        const owed = received - unread - given;
        assert.ok(owed >= 0 && owed < Math.max(1, granted >>> 1));
        assert.equal(window.available + unread + owed, granted);
      }
    });
  });

  it("knows the largest window of RFC 9113 §6.9.1", () => assert.equal(maxWindowBytes, 2 ** 31 - 1));
});
