import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { bytesPerOperation } from "../../micro/allocation.js";
import { calibrationUnits } from "../../micro/calibration.js";
import type { Launch } from "../../micro/launch.js";

const bundler = new URL("../../micro/bundle.js", import.meta.url).href;

/** In a process of its own: esbuild keeps a service beside the one that has used it. */
function bundleMeasure(): string {
  const script = `import { bundleMeasure, root } from ${JSON.stringify(bundler)};
    process.stdout.write(await bundleMeasure(root, "test"), () => process.exit());`;
  return execFileSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
}

describe("the process that measures small parts", function () {
  this.timeout(60_000);

  it("has a figure of everything, each by a name of its own", () => {
    const bundle = bundleMeasure();
    const settings = JSON.stringify({ only: [], rounds: 1, roundMs: 0, warmUpMs: 0 });
    const { calibrationNs, measured } = JSON.parse(
      execFileSync(process.execPath, ["--expose-gc", bundle, settings], { encoding: "utf8" }),
    ) as Launch;
    assert.ok(calibrationNs >= 0);
    assert.ok(measured.length > 30);
    const names = measured.map(({ id, peer }) => `${id} ${peer}`);
    assert.equal(new Set(names).size, names.length);
    for (const { id, operation, bytes } of measured) {
      assert.match(id, /^[a-z0-9-]+\/[a-z0-9-]+$/);
      assert.ok(operation.length > 0);
      assert.ok(bytes >= 0);
    }
  });

  it("counts what an operation allocates", () => {
    const kept: unknown[] = [];
    const run = (): void => {
      for (let i = 0; i < 10; i++) kept[0] = new Float64Array(1024);
    };
    const bytes = bytesPerOperation(run, 10);
    assert.ok(bytes >= 8192 && bytes < 12_000, `${bytes} bytes for 8 KiB`);
  });

  it("calibrates by work that depends on nothing but how much of it there is", () => {
    assert.equal(typeof calibrationUnits(3), "number");
    assert.equal(calibrationUnits(0), 0);
  });
});
