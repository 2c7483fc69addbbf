import assert from "node:assert/strict";
import { execFile, spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as grpc from "@grpc/grpc-js";
import { createChannel, createClient, createServer, StatusCode, tls, tlsServer } from "godwit";
import { EchoService } from "../gen/godwit/testing/v1/echo_godwit.js";
import { GrpcJsClient } from "../grpc-js/grpc-js-client.js";
import { startGrpcJsServer } from "../grpc-js/grpc-js-server.js";
import { echoHandlers } from "../ours/our-server.js";
import { createAuthority } from "../support/certificates.js";
import { expectStatusError } from "../support/expect-status-error.js";

const authority = createAuthority();
const stranger = createAuthority({ commonName: "Other CA" });
const server = authority.issue({ dnsNames: ["localhost"], ipAddresses: ["127.0.0.1"] });
const client = authority.issue({ commonName: "shop", uris: ["spiffe://prod.example/shop"] });
const outsider = stranger.issue({ commonName: "shop" });
const pem = (text: string): Buffer => Buffer.from(text);

/** Our server, which tells in a header who called. */
async function startOurs(
  isMutual: boolean,
): Promise<AsyncDisposable & { readonly port: number; readonly refusals: string[] }> {
  const refusals: string[] = [];
  const ours = createServer({ onConnectionError: ({ message }) => refusals.push(message) });
  ours.add(EchoService, {
    ...echoHandlers,
    unary(request, context) {
      context.setHeaders({ "x-caller": context.peer.tls?.identity?.principals.join() ?? "nobody" });
      return echoHandlers.unary(request, context);
    },
  });
  const mutual = isMutual ? { clientRoots: authority.certificate } : {};
  const credentials = tlsServer({ certificate: server.chain, key: server.key, ...mutual });
  const { port } = await ours.listen("127.0.0.1:0", { credentials });
  return { port, refusals, [Symbol.asyncDispose]: () => ours.close({ graceMs: 0 }) };
}

const theirServer = (isMutual: boolean): grpc.ServerCredentials =>
  grpc.ServerCredentials.createSsl(
    isMutual ? pem(authority.certificate) : null,
    [{ cert_chain: pem(server.chain), private_key: pem(server.key) }],
    isMutual,
  );

const theirClient = (shown?: { readonly chain: string; readonly key: string }): grpc.ChannelCredentials =>
  shown === undefined
    ? grpc.credentials.createSsl(pem(authority.certificate))
    : grpc.credentials.createSsl(pem(authority.certificate), pem(shown.key), pem(shown.chain));

function ourClient(port: number, shown?: { readonly chain: string; readonly key: string }) {
  const own = shown === undefined ? {} : { certificate: shown.chain, key: shown.key };
  const credentials = tls({ roots: authority.certificate, ...own });
  const channel = createChannel(`localhost:${port}`, { credentials, retry: false, proxy: false });
  return { echo: createClient(EchoService, channel), [Symbol.asyncDispose]: () => channel.close() };
}

describe("TLS with grpc-js", () => {
  it("our client, their server: each knows the other", async () => {
    await using theirs = await startGrpcJsServer({}, {}, 0, theirServer(false));
    await using ours = ourClient(theirs.port);
    assert.equal((await ours.echo.unary({ id: "7" })).id, "7");
  });

  it("our client, their server, mutual", async () => {
    await using theirs = await startGrpcJsServer({}, {}, 0, theirServer(true));
    await using ours = ourClient(theirs.port, client);
    const answer = await ours.echo.unary({ id: "7", payload: new Uint8Array(300_000) });
    assert.equal(answer.payload.length, 300_000);
  });

  it("our client without a certificate, their server wants one: told why", async () => {
    await using theirs = await startGrpcJsServer({}, {}, 0, theirServer(true));
    await using ours = ourClient(theirs.port);
    const error = await expectStatusError(ours.echo.unary({ id: "7" }), StatusCode.UNAVAILABLE);
    assert.match(error.message, /server requires a certificate, and was shown none \(alert certificate_required\)/);
  });

  it("their client, our server", async () => {
    await using ours = await startOurs(false);
    using theirs = new GrpcJsClient(`localhost:${ours.port}`, {}, theirClient());
    const outcome = await theirs.unary({ id: "7" });
    assert.equal(outcome.status.code, grpc.status.OK, outcome.status.details);
    assert.deepEqual(outcome.headers?.get("x-caller"), ["nobody"]);
  });

  it("their client, our server, mutual: its certificate is who it is", async () => {
    await using ours = await startOurs(true);
    using theirs = new GrpcJsClient(`localhost:${ours.port}`, {}, theirClient(client));
    const outcome = await theirs.unary({ id: "7", payload: Buffer.alloc(300_000) });
    assert.equal(outcome.status.code, grpc.status.OK, outcome.status.details);
    assert.deepEqual(outcome.headers?.get("x-caller"), ["spiffe://prod.example/shop"]);
  });

  for (const [what, shown] of [
    ["without a certificate", undefined],
    ["with another authority's", outsider],
  ] as const) {
    it(`their client ${what}, our server wants a good one: no call comes in`, async () => {
      await using ours = await startOurs(true);
      using theirs = new GrpcJsClient(`localhost:${ours.port}`, {}, theirClient(shown));
      const outcome = await theirs.unary({ id: "7" }, { deadline: Date.now() + 5000 });
      // What PROTOCOL-HTTP2 makes of INADEQUATE_SECURITY (12), with which our server sends them away; newer versions of Node tell grpc-js
      // of the session alone.
      const { code, details } = outcome.status;
      assert.ok(
        code === grpc.status.PERMISSION_DENIED || /closed with error code 12/.test(details),
        `${code}: ${details}`,
      );
      assert.match(ours.refusals.join("\n"), /client showed no certificate|is signed by CN=Other CA/);
    });
  }
});

const root = fileURLToPath(new URL("..", import.meta.resolve("godwit/package.json")));
const buf = `${dirname(createRequire(import.meta.url).resolve("@bufbuild/buf/package.json"))}/bin/buf`;

describe("TLS with command lines", () => {
  const roots = join(tmpdir(), `godwit-roots-${process.pid}.pem`);
  before(() => writeFileSync(roots, authority.certificate));

  it("buf curl --cacert calls our server", async () => {
    await using ours = await startOurs(false);
    const url = `https://localhost:${ours.port}/godwit.testing.v1.EchoService/Unary`;
    const args = [buf, "curl", "--protocol", "grpc", "--cacert", roots, "--schema", "proto", "-d", '{"id": "7"}', url];
    const stdout = await new Promise<string>((resolve, reject) => {
      execFile(process.execPath, args, { cwd: root, timeout: 15_000 }, (error, out) =>
        error ? reject(error) : resolve(out),
      );
    });
    assert.deepEqual(JSON.parse(stdout), { id: "7" });
  });

  const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;
  const skipped = hasOpenssl ? "" : " (skipped: there is no openssl on this host)";

  async function clientOf(port: number, ...more: string[]): Promise<string> {
    const args = ["s_client", "-connect", `127.0.0.1:${port}`, "-servername", "localhost", "-CAfile", roots, ...more];
    const child = spawn("openssl", args, { stdio: ["pipe", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        if (/Verify return code|alert/.test(said)) child.stdin.end();
      });
    }
    child.stdin.on("error", () => undefined);
    await new Promise((resolve) => child.on("close", resolve));
    return said;
  }

  it(`openssl s_client -alpn h2 sees h2, TLS 1.3 and no session to come again${skipped}`, async function () {
    if (!hasOpenssl) this.skip();
    await using ours = await startOurs(false);
    const said = await clientOf(ours.port, "-alpn", "h2");
    assert.match(said, /ALPN protocol: h2/);
    assert.match(said, /New, TLSv1\.3, Cipher is TLS_/);
    assert.match(said, /Verify return code: 0 \(ok\)/);
  });

  it(`openssl s_client -alpn http/1.1 and -tls1_1 get nothing${skipped}`, async function () {
    if (!hasOpenssl) this.skip();
    await using ours = await startOurs(false);
    assert.match(await clientOf(ours.port, "-alpn", "http/1.1"), /alert no application protocol/);
    assert.match(await clientOf(ours.port, "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"), /alert protocol version/);
    assert.match(await clientOf(ours.port, "-tls1_2", "-cipher", "AES128-SHA"), /handshake failure/);
  });
});
