import assert from "node:assert/strict";
import { frameMessage, payloadOf, WholeMessages } from "../../../macro/subjects/whole-messages.js";

describe("WholeMessages", () => {
  it("gives messages whole, wherever they are split", () => {
    const messages = ["", "a", "some words"].map((text) => Buffer.from(text));
    const bytes = Buffer.concat(messages.map(frameMessage));
    for (let size = 1; size <= bytes.length; size++) {
      const seen: Buffer[] = [];
      const whole = new WholeMessages((framed) => seen.push(payloadOf(framed)));
      for (let at = 0; at < bytes.length; at += size) whole.receive(bytes.subarray(at, at + size));
      assert.deepEqual(seen, messages, `chunks of ${size}`);
    }
  });
});
