import assert from "node:assert/strict";
import { Tape } from "./tape.js";

describe("Tape", () => {
  it("gives octets in order, and zeros behind the end", () => {
    const tape = new Tape(Uint8Array.of(1, 2, 3));
    assert.deepEqual([tape.byte(), tape.uint16(), tape.done, tape.byte(), tape.uint32()], [1, 0x0203, true, 0, 0]);
    assert.equal(tape.used, 3);
  });

  it("spreads an octet over a range, the first of it for 0", () => {
    const below = (octet: number, bound: number) => new Tape(Uint8Array.of(octet)).below(bound);
    assert.deepEqual([below(0, 7), below(255, 7), below(128, 2), below(127, 2)], [0, 6, 1, 0]);
    const hits = Array.from({ length: 256 }, (_, octet) => new Tape(Uint8Array.of(octet)).oneIn(4)).filter(Boolean);
    assert.equal(hits.length, 64);
    assert.equal(new Tape().oneIn(2), false);
  });

  it("gives no more octets than there are", () => {
    const tape = new Tape(Uint8Array.of(1, 2, 3));
    assert.deepEqual([...tape.octets(2)], [1, 2]);
    assert.deepEqual([...tape.octets(2)], [3]);
    assert.deepEqual([...tape.octets(2)], []);
  });

  it("has one digest for one thing fed, and counts its bytes", () => {
    const digest = (feed: (tape: Tape) => void) => {
      const tape = new Tape();
      feed(tape);
      return tape.digest;
    };
    const bytes = Buffer.from("some bytes");
    assert.equal(
      digest((tape) => tape.feed(bytes, 0, 4)),
      digest((tape) => tape.feed(Buffer.from("some"), 0, 4)),
    );
    const others = [
      digest((tape) => tape.feed(bytes, 0, 4)),
      digest((tape) => tape.feed(bytes, 0, 5)),
      digest((tape) => tape.feedNumber(4)),
      digest((tape) => tape.feedText("other")),
    ];
    assert.equal(new Set(others).size, others.length);
    const tape = new Tape();
    tape.feed(bytes, 2, 6);
    assert.equal(tape.fedBytes, 4);
    assert.equal(tape.load(bytes, 3).fedBytes, 0);
  });
});
