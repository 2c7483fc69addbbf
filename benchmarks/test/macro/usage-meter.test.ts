import assert from "node:assert/strict";
import { AllocationMeter, grownBy } from "../../macro/usage-meter.js";

describe("grownBy", () => {
  const at = (heap: number, external: number) => ({ heap, external });

  it("sums up what came between collections", () => {
    const collections = [
      { before: at(100, 5), after: at(20, 5) },
      { before: at(80, 9), after: at(10, 0) },
    ];
    const grown = grownBy(at(40, 5), collections, at(15, 2));
    assert.deepEqual(grown, { allocatedBytes: 60 + 60 + 5, externalBytes: 0 + 4 + 2 });
  });

  it("does not count backwards", () => {
    assert.deepEqual(grownBy(at(40, 5), [], at(30, 0)), { allocatedBytes: 0, externalBytes: 0 });
  });
});

describe("AllocationMeter", () => {
  it("sees what was allocated, collected or not", () => {
    const meter = new AllocationMeter();
    const count = 200_000;
    meter.begin();
    let kept: object = {};
    // An object with two numbers in its own fields.
    for (let i = 0; i < count; i++) kept = { i, next: i + 0.5 };
    const { allocatedBytes } = meter.end();
    assert.ok(kept !== undefined);
    assert.ok(allocatedBytes > count * 20 && allocatedBytes < count * 200, `${allocatedBytes} bytes`);
  });
});
