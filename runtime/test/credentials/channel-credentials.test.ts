import assert from "node:assert/strict";
import { insecure } from "../../src/credentials/channel-credentials.js";

describe("insecure", () => {
  it("protects nothing, and says so", () => {
    assert.deepEqual(insecure(), { security: { kind: "none" }, scheme: "http", defaultPort: 443 });
    assert.ok(Object.isFrozen(insecure()));
  });
});
