import assert from "node:assert/strict";
import { IncompleteMessages, type IncompleteOwner } from "../../../src/transport/message/incomplete-messages.js";

class Owner implements IncompleteOwner {
  freed = 0;
  onWindowFree(): void {
    this.freed += 1;
  }
}

describe("IncompleteMessages", () => {
  it("lets every stream go on below the limit", () => {
    const incomplete = new IncompleteMessages(100);
    const [a, b] = [new Owner(), new Owner()];
    incomplete.set(a, 60);
    incomplete.set(b, 40);
    assert.equal(incomplete.total, 100);
    assert.ok(incomplete.mayRelease(a) && incomplete.mayRelease(b));
  });

  it("lets only the one that began first go on above it, and then the next", () => {
    const incomplete = new IncompleteMessages(100);
    const [a, b, c] = [new Owner(), new Owner(), new Owner()];
    incomplete.set(a, 50);
    incomplete.set(b, 80);
    incomplete.set(c, 90);
    assert.deepEqual(
      [a, b, c].map((owner) => incomplete.mayRelease(owner)),
      [true, false, false],
    );
    incomplete.set(a, 60);
    assert.equal(b.freed, 0);
    incomplete.set(a, 0);
    assert.deepEqual([b.freed, c.freed], [1, 0]);
    assert.deepEqual(
      [b, c].map((owner) => incomplete.mayRelease(owner)),
      [true, false],
    );
    incomplete.set(b, 0);
    assert.deepEqual([b.freed, c.freed], [1, 1], "90 are below the limit");
    assert.ok(incomplete.mayRelease(c));
  });

  it("never keeps back what belongs to no incomplete message", () => {
    const incomplete = new IncompleteMessages(10);
    const [a, b, other] = [new Owner(), new Owner(), new Owner()];
    incomplete.set(a, 20);
    incomplete.set(b, 20);
    assert.ok(incomplete.mayRelease(other));
  });

  it("frees nobody who holds nothing", () => {
    const incomplete = new IncompleteMessages(10);
    const a = new Owner();
    incomplete.set(a, 20);
    incomplete.set(a, 0);
    incomplete.set(a, 0);
    assert.deepEqual([incomplete.total, a.freed], [0, 0]);
  });
});
