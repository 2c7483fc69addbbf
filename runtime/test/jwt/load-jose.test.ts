import assert from "node:assert/strict";
import { loadJose } from "../../src/jwt/load-jose.js";

describe("loadJose", () => {
  it("gives the package", async () => {
    assert.equal(typeof (await loadJose()).jwtVerify, "function");
  });

  it("names a package that is missing, and what to do, in one sentence", async () => {
    const cause = Object.assign(new Error("Cannot find package 'jose'"), { code: "ERR_MODULE_NOT_FOUND" });
    await assert.rejects(
      loadJose(() => Promise.reject(cause)),
      {
        message: "godwit/jwt needs the package jose, version 6, and could not import it: npm install jose@6",
        cause,
      },
    );
  });
});
