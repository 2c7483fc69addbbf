import assert from "node:assert/strict";
import type { TLSSocket } from "node:tls";
import { agreementProblem, sessionOf } from "../../../src/net/tls/tls-session.js";

/** As much of a socket whose handshake is done as is looked at. */
function agreed(
  alpnProtocol: string | false | null,
  protocol = "TLSv1.3",
  standardName = "TLS_AES_128_GCM_SHA256",
): TLSSocket {
  return { alpnProtocol, getProtocol: () => protocol, getCipher: () => ({ standardName }) } as unknown as TLSSocket;
}

describe("what a handshake agreed on", () => {
  it("is h2", () => {
    assert.equal(agreementProblem(agreed("h2"), "server"), undefined);
    assert.equal(agreementProblem(agreed("http/1.1"), "server"), "server chose http/1.1, h2 is required");
    assert.equal(agreementProblem(agreed(false), "server"), "server chose no protocol (ALPN), h2 is required");
    assert.equal(agreementProblem(agreed(null), "client"), "client offers no protocol (ALPN), h2 is required");
  });

  for (const suite of [
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
  ]) {
    it(`may be ${suite}`, () => assert.equal(agreementProblem(agreed("h2", "TLSv1.2", suite), "server"), undefined));
  }

  // RFC 9113 Appendix A: keys that are not ephemeral, and ciphers that are no AEAD.
  for (const suite of [
    "TLS_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
    "TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_DH_anon_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_NULL_SHA",
    "TLS_RSA_WITH_RC4_128_SHA",
    "undefined",
  ]) {
    it(`may not be ${suite}`, () => {
      const expected = `TLSv1.2 with ${suite} was agreed, which HTTP/2 forbids (RFC 9113 §9.2.2)`;
      assert.equal(agreementProblem(agreed("h2", "TLSv1.2", suite), "server"), expected);
    });
  }

  it("may be no older version", () => {
    assert.match(
      agreementProblem(agreed("h2", "TLSv1.1", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"), "server") ?? "",
      /^TLSv1\.1 with /,
    );
  });

  it("has an identity only where one was verified", () => {
    assert.deepEqual(sessionOf(agreed("h2"), undefined), { protocol: "TLSv1.3", cipher: "TLS_AES_128_GCM_SHA256" });
  });
});
