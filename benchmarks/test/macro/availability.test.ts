import assert from "node:assert/strict";
import { canDo, without } from "../../macro/availability.js";
import { rows } from "../../macro/rows.js";

describe("availability of subjects", () => {
  it("leaves out who is missing, and rows in which nobody is left", () => {
    const left = without("grpc-go", rows);
    assert.ok(left.every(({ pairings }) => pairings.every((pairing) => !pairing.includes("grpc-go"))));
    assert.ok(!left.some(({ id }) => id === "go-client-headline-100"));
    assert.deepEqual(left.find(({ id }) => id === "bare-1")?.pairings, ["godwit", "grpc-js"]);
  });

  it("has nobody in a row who cannot do it", () => {
    for (const { id, pairings, workload } of rows) {
      for (const pairing of pairings) assert.ok(canDo(pairing, workload), `${pairing} in ${id}`);
    }
  });

  it("knows what is no library", () => {
    const unary = { kind: "unary", inFlight: 1, payloadBytes: 64, headline: true } as const;
    assert.ok(canDo("skeleton", unary));
    assert.ok(canDo("skeleton/godwit", unary));
    assert.ok(!canDo("skeleton", { ...unary, payloadBytes: 1024 * 1024 }));
    assert.ok(!canDo("skeleton", { kind: "serverStream", messages: 1, payloadBytes: 64 }));
    assert.ok(!canDo("raw-net", unary));
    assert.ok(canDo("raw-net", { ...unary, headline: false }));
    assert.ok(!canDo("raw-net/godwit", { ...unary, headline: false }));
  });
});
