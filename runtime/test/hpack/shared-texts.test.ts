import assert from "node:assert/strict";
import { sharedName, sharedValue } from "../../src/hpack/shared-texts.js";
import { createDecoder, decodeBlock, fieldsOf } from "./fields.js";

describe("texts that tables share", () => {
  it("are what they were", () => {
    const names = [":path", "user-agent", "x-own", "", "authorization"];
    for (const name of names) {
      assert.equal(sharedName(name), name);
      for (let i = 0; i < 2000; i++) assert.equal(sharedValue(name, `value ${i}`), `value ${i}`);
    }
    assert.equal(sharedValue(":path", "p".repeat(1000)), "p".repeat(1000));
  });

  it("do not change what is decoded", () => {
    const block = Buffer.concat([
      Buffer.from([0x44, 6]),
      Buffer.from("/a.B/C"),
      Buffer.from([0x40, 3]),
      Buffer.from("x-a"),
      Buffer.of(1, 0x31),
    ]);
    for (let i = 0; i < 3; i++) {
      assert.deepEqual(fieldsOf(decodeBlock(createDecoder(), block)), [":path", "/a.B/C", "x-a", "1"]);
    }
  });
});
