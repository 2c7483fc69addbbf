import assert from "node:assert/strict";
import { defaultTransportLimits, resolveLimits } from "../../src/transport/transport-limits.js";

describe("transport limits", () => {
  it("are the defaults where nothing is said", () => {
    assert.equal(resolveLimits(undefined), defaultTransportLimits);
    assert.deepEqual(resolveLimits({}), defaultTransportLimits);
    assert.equal(defaultTransportLimits.maxReceiveMessageBytes, 4 * 1024 * 1024);
    assert.equal(defaultTransportLimits.maxSendMessageBytes, Number.POSITIVE_INFINITY);
  });

  it("are the application's where it says something, and cannot be changed afterwards", () => {
    const limits = resolveLimits({ maxReceiveMessageBytes: 10, maxConcurrentStreams: 0 });
    assert.equal(limits.maxReceiveMessageBytes, 10);
    assert.equal(limits.maxConcurrentStreams, 0);
    assert.equal(limits.streamWindowBytes, defaultTransportLimits.streamWindowBytes);
    assert.ok(Object.isFrozen(limits));
  });

  it("do not exist under another name", () => {
    assert.throws(
      () => resolveLimits({ maxMessageBytes: 1 } as object),
      /^TypeError: limit "maxMessageBytes" does not exist; there are: maxConcurrentStreams, .*maxReceiveMessageBytes/,
    );
    assert.throws(() => resolveLimits({ constructor: 1 } as object), /^TypeError: limit "constructor" does not exist/);
  });

  it("are numbers of 0 or more", () => {
    for (const value of [-1, Number.NaN, "1", null, undefined, {}]) {
      assert.throws(
        () => resolveLimits({ maxReceiveMessageBytes: value as number }),
        new TypeError(`limit "maxReceiveMessageBytes" is ${String(value)}: expected a number of 0 or more`),
      );
    }
  });

  it("are what HTTP/2 can express", () => {
    const wrong = [
      ["streamWindowBytes", Number.POSITIVE_INFINITY, "1 to 2147483647"],
      ["streamWindowBytes", 0, "1 to 2147483647"],
      ["connectionWindowBytes", 65_534, "65535 to 2147483647"],
      ["maxFrameBytes", 16_383, "16384 to 16777215"],
      ["maxConcurrentStreams", 0.5, "0 to 4294967295"],
      ["maxHeaderListBytes", 2 ** 32, "0 to 4294967295"],
    ] as const;
    for (const [name, value, range] of wrong) {
      const expected = new TypeError(`limit "${name}" is ${value}: expected a whole number from ${range}`);
      assert.throws(() => resolveLimits({ [name]: value }), expected);
    }
    assert.equal(resolveLimits({ maxFrameBytes: 16_777_215 }).maxFrameBytes, 16_777_215);
  });
});
