import assert from "node:assert/strict";
import { clientOf, parsePairing, serverOf } from "../../macro/pairings.js";

describe("parsePairing", () => {
  it("knows a library with itself, and two libraries", () => {
    assert.equal(parsePairing("godwit"), "godwit");
    assert.equal(parsePairing("godwit/grpc-js"), "godwit/grpc-js");
    assert.equal(parsePairing("grpc-js/grpc-js"), "grpc-js");
  });

  it("says what is wrong", () => {
    assert.throws(() => parsePairing("godwit/nobody"), /^Error: there is no subject nobody: godwit, grpc-js/);
    assert.throws(() => parsePairing(""), /^Error: there is no subject :/);
    assert.throws(() => parsePairing("godwit/grpc-js/godwit"), /is no pairing: expected SUBJECT or CLIENT\/SERVER$/);
  });

  it("has a client and a server", () => {
    assert.deepEqual([clientOf("godwit/grpc-js"), serverOf("godwit/grpc-js")], ["godwit", "grpc-js"]);
    assert.deepEqual([clientOf("grpc-js"), serverOf("grpc-js")], ["grpc-js", "grpc-js"]);
  });
});
