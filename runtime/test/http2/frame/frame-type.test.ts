import assert from "node:assert/strict";
import { readUint31, readUint32 } from "../../../src/http2/frame/frame-fields.js";
import { FrameType, frameTypeName } from "../../../src/http2/frame/frame-type.js";

describe("frame-type", () => {
  it("has the numbers of RFC 9113 §6 and names them", () => {
    const names = "DATA HEADERS PRIORITY RST_STREAM SETTINGS PUSH_PROMISE PING GOAWAY WINDOW_UPDATE CONTINUATION".split(
      " ",
    );
    assert.deepEqual(Object.keys(FrameType), names);
    assert.deepEqual(Object.values(FrameType), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.deepEqual([0, 9, 10, 255].map(frameTypeName), ["DATA", "CONTINUATION", "0xa", "0xff"]);
  });
});

describe("frame-fields", () => {
  it("reads 32 bits without a sign", () => {
    assert.equal(readUint32(Buffer.from("00ffffffff", "hex"), 1), 0xffffffff);
    assert.equal(readUint32(Buffer.from("80000000", "hex"), 0), 0x80000000);
    assert.equal(readUint32(Buffer.from("7fffffff", "hex"), 0), 0x7fffffff);
  });

  it("reads 31 bits and ignores the reserved one", () => {
    assert.equal(readUint31(Buffer.from("00ffffffff", "hex"), 1), 0x7fffffff);
    assert.equal(readUint31(Buffer.from("80000001", "hex"), 0), 1);
  });
});
