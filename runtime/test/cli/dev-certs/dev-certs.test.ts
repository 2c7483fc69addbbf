import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CommandError, UsageError } from "../../../src/cli/command.js";
import { devCerts, runDevCerts } from "../../../src/cli/dev-certs/dev-certs.js";
import { tlsMaterialProblem } from "../../../src/net/tls/material-problem.js";
import { createAuthority } from "../../support/certificates.js";

describe("godwit dev-certs", () => {
  let folder = "";
  let printed = "";
  const output = {
    print: (text: string) => {
      printed += `${text}\n`;
    },
    complain: assert.fail,
  };
  const path = (name: string) => join(folder, "certs", name);
  const read = (name: string) => readFileSync(path(name), "utf8");
  const run = (...args: string[]) => devCerts.run(["--out", join(folder, "certs"), ...args], output);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "godwit-dev-certs-"));
    printed = "";
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("makes an authority and a server's pair", async () => {
    await run("--host", "shop.internal", "--host", "10.0.0.7", "--host", "*.shop.internal");
    assert.deepEqual(readdirSync(join(folder, "certs")).sort(), [
      ".gitignore",
      "ca.crt",
      "ca.key",
      "server.crt",
      "server.key",
    ]);
    const [ca, server] = [new X509Certificate(read("ca.crt")), new X509Certificate(read("server.crt"))];
    assert.ok(ca.ca && !server.ca && server.verify(ca.publicKey) && server.checkIssued(ca));
    for (const host of ["localhost", "shop.internal", "eu.shop.internal"])
      assert.notEqual(server.checkHost(host), undefined, host);
    for (const address of ["127.0.0.1", "::1", "10.0.0.7"])
      assert.notEqual(server.checkIP(address), undefined, address);
    assert.deepEqual(server.keyUsage, ["1.3.6.1.5.5.7.3.1"]);
    assert.equal(tlsMaterialProblem({ certificate: read("server.crt"), key: read("server.key") }), undefined);
    const days = (new Date(server.validTo).getTime() - Date.now()) / 86_400_000;
    assert.ok(days > 364.9 && days <= 365, `${days}`);
  });

  it("lets nobody else read keys, and git commit nothing", async () => {
    await run();
    for (const name of ["ca.key", "server.key"]) assert.equal(statSync(path(name)).mode & 0o777, 0o600, name);
    assert.equal(read(".gitignore"), "*\n");
  });

  it("prints what it wrote and what to paste", async () => {
    await runDevCerts(
      ["--out", join(folder, "certs"), "--days", "30"],
      output,
      undefined,
      new Date("2026-03-01T10:00:00.5Z"),
    );
    const names = ["ca.crt", "ca.key", "server.crt", "server.key", ".gitignore"].map(path);
    const [crt, key, ca] = ["server.crt", "server.key", "ca.crt"].map((name) => JSON.stringify(path(name)));
    assert.equal(
      printed,
      `wrote ${names.join(", ")}
for localhost, 127.0.0.1, ::1, until 2026-03-31

server:
  await server.listen("localhost:50051", {
    credentials: tlsServer({
      provider: certificateFiles({ certificate: ${crt}, key: ${key} }),
    }),
  });
client:
  const channel = createChannel("localhost:50051", {
    credentials: tls({
      provider: certificateFiles({ roots: ${ca} }),
    }),
  });
`,
    );
  });

  it("makes a client's pair for mutual TLS", async () => {
    await run("--client", "spiffe://dev.internal/shop");
    const client = new X509Certificate(read("client.crt"));
    assert.equal(client.subjectAltName, "URI:spiffe://dev.internal/shop");
    assert.deepEqual(client.keyUsage, ["1.3.6.1.5.5.7.3.2"]);
    assert.match(printed, /^ {6}clientCertificate: "require",$/m);
    await run("--client", "shop", "--force");
    assert.equal(new X509Certificate(read("client.crt")).subjectAltName, "DNS:shop");
  });

  it("overwrites nothing unless it is forced to, and the authority never", async () => {
    await run();
    const before = ["ca.crt", "ca.key", "server.crt", "server.key"].map(read);
    await assert.rejects(
      run(),
      new CommandError(`${path("server.crt")} is there already: --force puts a new one in its place`),
    );
    assert.deepEqual(["ca.crt", "ca.key", "server.crt", "server.key"].map(read), before);
    const kept = join(folder, "kept.key");
    writeFileSync(kept, "x");
    rmSync(path("server.key"));
    symlinkSync(kept, path("server.key"));
    await run("--force");
    assert.deepEqual(["ca.crt", "ca.key"].map(read), before.slice(0, 2));
    assert.notEqual(read("server.crt"), before[2]);
    assert.equal(readFileSync(kept, "utf8"), "x", "what a link leads to is left alone");
    assert.ok(new X509Certificate(read("server.crt")).verify(new X509Certificate(read("ca.crt")).publicKey));
  });

  it("ends a leaf before its authority", async () => {
    await run();
    const late = new Date(Date.now() + 3640 * 86_400_000);
    await runDevCerts(["--out", join(folder, "certs"), "--force"], output, undefined, late);
    assert.equal(new X509Certificate(read("server.crt")).validTo, new X509Certificate(read("ca.crt")).validTo);
    const over = new Date(Date.now() + 3651 * 86_400_000);
    await assert.rejects(runDevCerts(["--out", join(folder, "certs"), "--force"], output, undefined, over), (error) => {
      return error instanceof CommandError && /ca\.crt expired at .*: remove it for a new one/.test(error.message);
    });
  });

  it("says what is wrong with the authority that is there", async () => {
    await run();
    const [ca, key] = [read("ca.crt"), read("ca.key")];
    const other = createAuthority();
    const again = "remove it for a new one, which everyone has to trust anew";
    const bad: readonly [string, string, string][] = [
      ["x", key, `${path("ca.crt")} or its key cannot be read: ${again}`],
      [ca, "x", `${path("ca.crt")} or its key cannot be read: ${again}`],
      [ca, other.key, `${path("ca.crt")} is no authority with its key beside it: ${again}`],
      [read("server.crt"), read("server.key"), `${path("ca.crt")} is no authority with its key beside it: ${again}`],
    ];
    for (const [certificate, key, message] of bad) {
      writeFileSync(path("ca.crt"), certificate);
      writeFileSync(path("ca.key"), key);
      await assert.rejects(run("--force"), new CommandError(message));
    }
    rmSync(path("ca.key"));
    await assert.rejects(
      run("--force"),
      new CommandError(`${path("ca.crt")} is there without its other half: remove it, or bring that`),
    );
  });

  it("signs with any authority that is there", async () => {
    const other = createAuthority({ commonName: "House, the CA", organization: "Example" });
    await run();
    writeFileSync(path("ca.crt"), other.certificate);
    writeFileSync(path("ca.key"), other.key);
    await assert.rejects(run(), CommandError);
    await run("--force", "--days", "1");
    const server = new X509Certificate(read("server.crt"));
    assert.ok(server.checkIssued(new X509Certificate(other.certificate)));
    assert.equal(server.issuer, "O=Example\nCN=House\\, the CA");
  });

  it("names what is missing in one sentence", async () => {
    const missing = async () => {
      throw Object.assign(new Error("Cannot find package 'pkijs'"), { code: "ERR_MODULE_NOT_FOUND" });
    };
    await assert.rejects(
      runDevCerts(["--out", join(folder, "certs")], output, missing),
      new CommandError(
        "certificates are made by the packages pkijs and asn1js, which are not installed: npm install --save-dev pkijs@4 asn1js@4",
      ),
    );
    assert.deepEqual(readdirSync(folder), []);
  });

  it("says where it cannot write", async () => {
    writeFileSync(join(folder, "certs"), "a file");
    await assert.rejects(run(), (error) => {
      return error instanceof CommandError && error.message.startsWith(`cannot write ${path("ca.crt")}: `);
    });
  });

  it("refuses what makes no sense", async () => {
    const bad: readonly [readonly string[], string][] = [
      [["--out", ""], "--out is empty: expected a folder"],
      [["--host", "a b"], '--host is "a b": expected a name such as shop.internal, or an IP address'],
      [["--host", "shop:443"], '--host is "shop:443": expected a name such as shop.internal, or an IP address'],
      [["--client", ""], '--client is "": expected a name such as shop, or a URI such as spiffe://dev.internal/shop'],
      [["--days", "0"], '--days is "0": expected a whole number from 1 to 3650'],
      [["--days", "3651"], '--days is "3651": expected a whole number from 1 to 3650'],
      [["--days", "1.5"], '--days is "1.5": expected a whole number from 1 to 3650'],
      [["--port", "1"], "Unknown option '--port'"],
      [["more"], "Unexpected argument 'more'"],
    ];
    for (const [args, message] of bad) {
      await assert.rejects(devCerts.run(args, output), (error) => {
        assert.ok(error instanceof UsageError);
        assert.ok(error.message.startsWith(message), error.message);
        return true;
      });
    }
    assert.equal(printed, "");
  });
});
