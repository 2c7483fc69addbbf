import assert from "node:assert/strict";
import type { Cell } from "./cell.js";
import { markdownTable, Reasons, summary } from "./tables.js";

const common = { transport: "h2c", ms: 1 } as const;
const cells: readonly Cell[] = [
  { ...common, peer: "a", direction: "ours", name: "empty_unary", outcome: { kind: "ok" } },
  { ...common, peer: "a", direction: "theirs", name: "empty_unary", outcome: { kind: "failed", reason: "no" } },
  { ...common, peer: "b", direction: "ours", name: "empty_unary", outcome: { kind: "cannot", reason: "too old" } },
  { ...common, peer: "b", direction: "theirs", name: "ping_pong", outcome: { kind: "cannot", reason: "too old" } },
];

describe("matrix: tables", () => {
  it("show who passed what, and each reason once", () => {
    const reasons = new Reasons();
    assert.equal(
      markdownTable(cells, "h2c", reasons),
      ["| | a | b |", "| --- | --- | --- |", "| empty_unary | ✓ **✗** | (1) · |", "| ping_pong | · · | · (1) |"].join(
        "\n",
      ),
    );
    assert.deepEqual(reasons.list, ["too old"]);
    assert.equal(summary(cells), "1 ok, 2 cannot, 1 FAILED");
  });
});
