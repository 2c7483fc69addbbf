import assert from "node:assert/strict";
import { plantedText } from "./planted-build.js";
import { plants } from "./plants.js";

describe("planted faults", () => {
  it("have numbers of their own", () => {
    assert.equal(new Set(plants.map(({ number }) => number)).size, plants.length);
    assert.ok(plants.length >= 10);
  });

  for (const plant of plants) {
    it(`${plant.number}, ${plant.name}, fits exactly once into ${plant.file}`, () => {
      assert.doesNotThrow(() => plantedText(plant));
      assert.notEqual(plant.find, plant.replace);
    });
  }
});
