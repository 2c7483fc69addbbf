import assert from "node:assert/strict";
import type { TlsConfig, TlsServerConfig } from "../../src/base/tls.js";
import { bearerToken } from "../../src/credentials/bearer-token.js";
import { clientSecurity, insecure, type TlsChannelOptions } from "../../src/credentials/channel-credentials.js";
import {
  checkServerCredentials,
  insecureServer,
  type ServerCredentials,
  type TlsServerOptions,
} from "../../src/credentials/server-credentials.js";
import { staticCertificates } from "../../src/credentials/static-certificates.js";
import { tls, tlsServer } from "../../src/net/tls/tls-credentials.js";

const certificate = "-----BEGIN CERTIFICATE-----";
const key = "-----BEGIN PRIVATE KEY-----";
const pfx = new Uint8Array([1]);
const provider = staticCertificates({});
const own = { certificate, key };

function configOf({ security }: ServerCredentials): TlsServerConfig {
  assert.ok(security.kind === "tls");
  return security.tls;
}

const materialOf = ({ provider: from }: TlsConfig) => from.current();

const withoutPem = (name: string) =>
  `${name} is a text without PEM: expected what is in the file; certificateFiles takes its path`;

describe("tls()", () => {
  it("says https, and asks whoever the authority names", () => {
    const credentials = tls();
    assert.deepEqual([credentials.scheme, credentials.defaultPort], ["https", 443]);
    for (const [authority, serverName] of [
      ["api.internal:443", "api.internal"],
      ["[::1]:50051", "::1"],
    ] as const) {
      const security = clientSecurity(credentials, authority);
      assert.equal(security.kind === "tls" && security.serverName, serverName);
    }
  });

  it("is one object for what was said once, so that its channels share connections", () => {
    const credentials = tls({ roots: certificate });
    const [one, two] = [clientSecurity(credentials, "a"), clientSecurity(credentials, "a")];
    assert.ok(one.kind === "tls" && two.kind === "tls" && one.tls === two.tls);
  });

  it("keeps roots as they were given, one or many", () => {
    const given = (roots: TlsChannelOptions["roots"]) => {
      const { security } = tls({ roots });
      return security.kind === "tls" ? materialOf(security.tls)?.roots : undefined;
    };
    assert.deepEqual(given(certificate), [certificate]);
    assert.deepEqual(given([certificate, pfx]), [certificate, pfx]);
    assert.equal(given(undefined), undefined);
  });

  const wrong: readonly [options: object, message: string][] = [
    [{ certificate }, "certificate is given without key: expected both"],
    [{ key }, "key is given without certificate: expected both"],
    [{ ...own, pfx }, "pfx is given beside certificate and key: expected one of them"],
    [{ provider, roots: certificate }, "roots is given beside provider: the provider brings it, expected one of them"],
    [{ provider, ...own }, "certificate is given beside provider: the provider brings it, expected one of them"],
    [{ roots: "certs/ca.crt" }, withoutPem("roots")],
    [{ roots: [certificate, "certs/ca.crt"] }, withoutPem("roots")],
    [{ certificate: "certs/client.crt", key }, withoutPem("certificate")],
    [{ certificate, key: "certs/client.key" }, withoutPem("key")],
    [{ crls: ["certs/revoked.crl"] }, withoutPem("crls")],
    [{ minVersion: "TLSv1.1" }, 'minVersion is "TLSv1.1": expected "TLSv1.2" or "TLSv1.3"'],
  ];
  for (const [options, message] of wrong) {
    it(`refuses what contradicts itself: ${message}`, () => {
      assert.throws(() => tls(options as TlsChannelOptions), { name: "TypeError", message });
    });
  }

  it("knows no option that turns verification off", () => {
    assert.throws(() => tls({ rejectUnauthorized: false } as TlsChannelOptions), {
      name: "TypeError",
      message: /^options\.rejectUnauthorized does not exist; there are: /,
    });
  });
});

describe("tlsServer()", () => {
  it("has limits for handshakes, and asks nobody who they are unless there are roots", () => {
    const config = configOf(tlsServer(own));
    assert.deepEqual([config.handshakeTimeoutMs, config.maxHandshakes], [10_000, 1000]);
    assert.deepEqual([config.clientCertificate, config.minVersion], ["none", "TLSv1.2"]);
    assert.equal(configOf(tlsServer({ ...own, clientRoots: certificate })).clientCertificate, "require");
    const asked = tlsServer({ ...own, clientRoots: certificate, clientCertificate: "request" });
    assert.equal(configOf(asked).clientCertificate, "request");
  });

  const wrong: readonly [options: object, message: string | RegExp][] = [
    [{}, "the server has no certificate: expected certificate and key, pfx or provider"],
    [{ certificate }, "certificate is given without key: expected both"],
    [{ provider, clientRoots: certificate }, /^clientRoots is given beside provider/],
    [{ ...own, clientRoots: "certs/ca.crt" }, withoutPem("clientRoots")],
    [{ ...own, clientCertificate: "maybe" }, 'clientCertificate is "maybe": expected "none", "request" or "require"'],
    [
      { ...own, clientCertificate: "require" },
      'clientCertificate is "require" without clientRoots: nobody\'s could be believed',
    ],
    [{ ...own, handshakeTimeoutMs: 0 }, "handshakeTimeoutMs is 0: expected a whole number from 1 to 2147483647"],
    [{ ...own, handshakeTimeoutMs: Number.POSITIVE_INFINITY }, /^handshakeTimeoutMs is Infinity/],
    [{ ...own, maxHandshakes: 1.5 }, /^maxHandshakes is 1\.5: expected a whole number from 1/],
    [{ ...own, cert: certificate }, /^options\.cert does not exist/],
  ];
  for (const [options, message] of wrong) {
    it(`refuses ${String(message)}`, () => {
      assert.throws(() => tlsServer(options as TlsServerOptions), { name: "TypeError", message });
    });
  }

  it("is taken by a listener, and nothing else is but insecureServer()", () => {
    for (const credentials of [tlsServer(own), insecureServer()]) checkServerCredentials(credentials);
    for (const given of [tls(), insecure(), bearerToken("s3cr3t"), "s3cr3t", null]) {
      assert.throws(() => checkServerCredentials(given), {
        name: "TypeError",
        message: "credentials are none of a server: expected tlsServer({ … }) or insecureServer()",
      });
    }
  });
});
