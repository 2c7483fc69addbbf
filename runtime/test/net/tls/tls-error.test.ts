import assert from "node:assert/strict";
import { isAlert, tlsProblem } from "../../../src/net/tls/tls-error.js";

function failure(code: string, message = ""): Error {
  return Object.assign(new Error(message), { code });
}

const alert = (number: number): Error =>
  failure("ERR_SSL_TLSV1_ALERT", `ssl3_read_bytes:tlsv1 alert:rec_layer_s3.c:1601:SSL alert number ${number}\n`);

describe("tlsProblem", () => {
  const ofServers: readonly [error: Error, clause: string][] = [
    [failure("ERR_SSL_WRONG_VERSION_NUMBER"), "server speaks plaintext on this port"],
    [failure("ERR_SSL_UNSUPPORTED_PROTOCOL"), "server speaks a version of TLS that is too old"],
    [alert(116), "server requires a certificate, and was shown none (alert certificate_required)"],
    [alert(48), "server refused our certificate: its authority is not among the roots there (alert unknown_ca)"],
    [alert(45), "server refused our certificate: it has expired or is not valid yet (alert certificate_expired)"],
    [alert(44), "server refused our certificate: it was revoked (alert certificate_revoked)"],
    [alert(42), "server refused our certificate: it is not good there (alert bad_certificate)"],
    [alert(70), "server speaks none of our TLS versions (alert protocol_version)"],
    [alert(120), "server does not speak h2, which is required (alert no_application_protocol)"],
    [alert(112), "server does not know the name that it was asked for (alert unrecognized_name)"],
    [alert(250), "server sent alert 250"],
    [failure("ERR_SSL_SOMETHING_NEW"), "TLS failed (ERR_SSL_SOMETHING_NEW)"],
  ];
  for (const [error, clause] of ofServers) {
    it(`says at the client: ${clause}`, () => assert.equal(tlsProblem(error, "client"), clause));
  }

  const ofClients: readonly [error: Error, clause: string][] = [
    [failure("ERR_SSL_HTTP_REQUEST"), "client speaks plaintext to a port of TLS"],
    [failure("ERR_SSL_WRONG_VERSION_NUMBER"), "client speaks plaintext to a port of TLS"],
    [failure("ERR_SSL_UNSUPPORTED_PROTOCOL"), "client speaks a version of TLS that is too old"],
    [failure("ERR_SSL_NO_SHARED_CIPHER"), "client offers no cipher suite that this server takes"],
    [alert(48), "client refused our certificate: its authority is not among the roots there (alert unknown_ca)"],
  ];
  for (const [error, clause] of ofClients) {
    it(`says at the server: ${clause}`, () => assert.equal(tlsProblem(error, "server"), clause));
  }

  it("leaves the system's errors to others", () => {
    assert.equal(tlsProblem(failure("ECONNRESET"), "client"), undefined);
    assert.equal(tlsProblem("nothing", "client"), undefined);
  });

  it("knows alerts from faults", () => {
    assert.ok(isAlert(alert(48)));
    assert.ok(!isAlert(failure("ERR_SSL_HTTP_REQUEST")));
    assert.ok(!isAlert(failure("EVIL", "SSL alert number 48")));
  });
});
