import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createPlainServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createBareTls, type TlsOptions } from "node:tls";
import { createServer, StatusCode, type TlsChannelOptions } from "godwit";
import { createAuthority, selfSigned } from "../../support/certificates.js";
import { failureOf } from "../loopback.js";
import { type ForeignServer, openBareServer, openNodeServer, openOpensslServer, serve } from "./foreign-tls.js";
import { authority, good, goodClient, identity, openClient, serverName } from "./secure-loopback.js";

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;
const stranger = createAuthority({ commonName: "Other CA" });
const names = { dnsNames: [serverName] };
const expired = authority.issue({
  ...names,
  notAfter: new Date(Date.UTC(2026, 0, 2, 3, 4, 5)),
  notBefore: new Date(0),
});
const future = authority.issue({
  ...names,
  notBefore: new Date(Date.UTC(2090, 0, 2, 3, 4, 5)),
  notAfter: new Date(Date.UTC(2090, 1)),
});
const revoked = authority.issue(names);
const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;

interface Case {
  readonly title: string;
  readonly open: () => Promise<ForeignServer>;
  readonly client?: TlsChannelOptions;
  readonly sentence: RegExp;
}

const shown = ({ chain, key }: { readonly chain: string; readonly key: string }) => ({ cert: chain, key });
const node = (options: TlsOptions) => () => openNodeServer(options);
const certified = (title: string, options: TlsOptions, sentence: RegExp, client?: TlsChannelOptions): Case => ({
  title,
  open: node(options),
  sentence,
  ...(client === undefined ? {} : { client }),
});

const cases: readonly Case[] = [
  certified(
    "wrong host",
    shown(authority.issue({ dnsNames: ["db.internal"] })),
    /connect to 127\.0\.0\.1:\d+: certificate is for db\.internal, api\.internal was asked for/,
  ),
  certified("expired", shown(expired), /certificate expired at 2026-01-02T03:04:05Z/),
  certified("not yet valid", shown(future), /certificate is not valid before 2090-01-02T03:04:05Z/),
  certified(
    "unknown CA",
    shown(stranger.issue(names)),
    /certificate is signed by CN=Other CA, which is not among the roots/,
  ),
  certified("self-signed", shown(selfSigned(names)), /certificate is self-signed and not among the roots/),
  certified("revoked", shown(revoked), /certificate was revoked \(serial number [0-9A-F]+\)/, {
    roots: authority.certificate,
    crls: [authority.revocationList([revoked])],
  }),
  certified(
    "not for servers",
    shown(authority.issue({ ...names, usages: ["client"] })),
    /certificate is not for a server/,
  ),
  {
    title: "no ALPN",
    open: () => openBareServer(shown(good)),
    sentence: /server chose no protocol \(ALPN\), h2 is required/,
  },
  {
    title: "ALPN http/1.1",
    open: () => openBareServer({ ...shown(good), ALPNProtocols: ["http/1.1"] }),
    sentence: /server does not speak h2, which is required \(alert no_application_protocol\)/,
  },
  certified("TLS 1.1", { ...shown(good), ...old }, /server speaks none of our TLS versions \(alert protocol_version\)/),
  {
    title: "TLS to plaintext HTTP/2",
    open: openOurPlaintext,
    sentence: /server speaks plaintext on this port/,
  },
  {
    title: "TLS to plaintext HTTP/1.1",
    open: () => serve(createPlainServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"))),
    sentence: /server speaks plaintext on this port/,
  },
  {
    title: "a server that hangs up",
    open: () => serve(createPlainServer((socket) => socket.end())),
    sentence: /the server closed the connection during the TLS handshake/,
  },
];

async function openOurPlaintext(): Promise<ForeignServer> {
  const errors: string[] = [];
  const server = createServer({ onConnectionError: (error) => errors.push(error.message) });
  const { port } = await server.listen("127.0.0.1:0");
  return { port, errors, [Symbol.asyncDispose]: () => server.close({ graceMs: 0 }) };
}

async function sentenceOf(server: ForeignServer, client: TlsChannelOptions = {}): Promise<string> {
  const { channel, echo } = openClient(server.port, client);
  try {
    return (await failureOf(echo.unary({}), StatusCode.UNAVAILABLE)).message;
  } finally {
    await channel.close();
  }
}

describe("our client over TLS, and servers that are not ours", () => {
  it("right: the call comes through", async () => {
    await using server = await openNodeServer(shown(good));
    const { channel, echo } = openClient(server.port);
    await failureOf(echo.unary({}), StatusCode.UNIMPLEMENTED);
    await channel.close();
  });

  for (const { title, open, client, sentence } of cases) {
    it(`${title}: refused, and told why`, async () => {
      await using server = await open();
      assert.match(await sentenceOf(server, client), sentence);
    });
  }

  const skipped = hasOpenssl ? "" : " (skipped: there is no openssl on this host)";
  describe(`whose server is openssl${skipped}`, () => {
    let folder = "";
    const file = (name: string): string => join(folder, name);
    before(function () {
      if (!hasOpenssl) this.skip();
      folder = mkdtempSync(join(tmpdir(), "godwit-tls-"));
      writeFileSync(file("cert.pem"), good.chain);
      writeFileSync(file("key.pem"), good.key);
      writeFileSync(file("roots.pem"), authority.certificate);
    });
    after(() => {
      if (folder !== "") rmSync(folder, { recursive: true });
    });
    const openssl = (...args: string[]) =>
      openOpensslServer(["-cert", file("cert.pem"), "-key", file("key.pem"), "-alpn", "h2", ...args]);
    const mutual = () => ["-Verify", "2", "-verify_return_error", "-CAfile", file("roots.pem")];

    for (const version of ["-tls1_3", "-tls1_2"]) {
      it(`no client certificate (${version}): refused, and told why`, async () => {
        await using server = await openssl(version, ...mutual());
        const expected = version === "-tls1_3" ? /certificate_required/ : /handshake_failure/;
        const sentence = await sentenceOf(server);
        assert.match(sentence, expected);
        assert.match(sentence, /server (?:requires a certificate, and was shown none|found no way to agree)/);
      });

      it(`wrong client CA (${version}): refused, and told why`, async () => {
        await using server = await openssl(version, ...mutual());
        const sentence = await sentenceOf(server, identity(stranger.issue({ commonName: "shop" })));
        assert.match(
          sentence,
          /server refused our certificate: its authority is not among the roots there \(alert unknown_ca\)/,
        );
      });
    }

    it("http/1.1 alone: refused, and told why", async () => {
      await using server = await openOpensslServer([
        "-cert",
        file("cert.pem"),
        "-key",
        file("key.pem"),
        "-alpn",
        "http/1.1",
      ]);
      assert.match(await sentenceOf(server, identity(goodClient)), /h2[, ].*required/);
    });

    it("a suite that HTTP/2 forbids: refused, and told why", async () => {
      await using server = await openssl("-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA256");
      assert.match(await sentenceOf(server), /found no way to agree: cipher suites.*handshake_failure/);
      const ciphers = "ECDHE-ECDSA-AES128-SHA256";
      assert.match(
        await sentenceOf(server, { ciphers }),
        /TLSv1\.2 with TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256 was agreed, which HTTP\/2 forbids/,
      );
    });
  });

  it("a server that says nothing: given up with the attempt to connect", async () => {
    await using server = await serve(createPlainServer((socket) => socket.resume()));
    const { channel, echo } = openClient(server.port, {}, { connect: { timeoutMs: 100, initialBackoffMs: 100 } });
    const { message } = await failureOf(echo.unary({}), StatusCode.UNAVAILABLE);
    assert.match(message, /connect to 127\.0\.0\.1:\d+ timed out \(limit 0\.\d+ s\)/);
    await channel.close();
  });

  it("a server that takes the handshake and hangs up: told what it may be", async () => {
    const mutual = { ...shown(good), requestCert: true, rejectUnauthorized: true, ca: authority.certificate };
    await using server = await openNodeServer(mutual);
    assert.match(
      await sentenceOf(server, identity(stranger.issue({ commonName: "shop" }))),
      /before it had spoken HTTP\/2.*; (?:a server|one) that does not take the client's certificate may do that/,
    );
  });

  it("a server that takes the handshake and resets: told what it may be", async () => {
    let raw: Socket | undefined;
    const bare = createBareTls({ ...shown(good), ALPNProtocols: ["h2"] }, () => raw?.resetAndDestroy());
    bare.on("connection", (socket: Socket) => {
      raw = socket;
    });
    await using server = await serve(bare);
    assert.match(
      await sentenceOf(server),
      /before it had spoken HTTP\/2.*; (?:a server|one) that does not take the client's certificate may do that/,
    );
  });
});
