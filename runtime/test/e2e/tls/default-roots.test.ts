import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runChild } from "../../support/child-process.js";
import { authority, identity, openSecure } from "./secure-loopback.js";

const generated = fileURLToPath(new URL("../../gen/godwit/testing/v1/echo_godwit.js", import.meta.url));

/** A program that says nothing about whom to believe. */
const program = (port: number): string => `
  import { createChannel, createClient, tls } from ${JSON.stringify(import.meta.resolve("godwit"))};
  import { EchoService } from ${JSON.stringify(generated)};
  const channel = createChannel("localhost:${port}", { credentials: tls(), retry: false, proxy: false });
  try {
    console.log((await createClient(EchoService, channel).unary({ id: "kettle" })).id);
  } catch (error) {
    console.log(error.message);
  }
  await channel.close();`;

describe("tls() without roots", () => {
  let folder = "";
  let roots = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "godwit-roots-"));
    roots = join(folder, "roots.pem");
    writeFileSync(roots, authority.certificate);
  });
  after(() => rmSync(folder, { recursive: true }));

  async function says(environment: string): Promise<string> {
    const certificate = authority.issue({ dnsNames: ["localhost"] });
    await using loopback = await openSecure({ credentials: identity(certificate) });
    const { output, errors } = await runChild(program(loopback.port), environment);
    assert.ok(!/Error/.test(errors), errors);
    return output.trim();
  }

  it("believes those that Node brings, and no others", async () => {
    const sentence = await says("unset NODE_EXTRA_CA_CERTS GRPC_DEFAULT_SSL_ROOTS_FILE_PATH;");
    assert.match(sentence, /certificate is signed by CN=Test Root CA, which is not among the roots/);
  });

  it("believes those of NODE_EXTRA_CA_CERTS", async () => {
    assert.equal(
      await says(`unset GRPC_DEFAULT_SSL_ROOTS_FILE_PATH; export NODE_EXTRA_CA_CERTS='${roots}';`),
      "kettle",
    );
  });

  it("believes those of GRPC_DEFAULT_SSL_ROOTS_FILE_PATH", async () => {
    assert.equal(await says(`export GRPC_DEFAULT_SSL_ROOTS_FILE_PATH='${roots}';`), "kettle");
  });

  it("cannot be made to believe anybody by NODE_TLS_REJECT_UNAUTHORIZED", async () => {
    const sentence = await says("unset GRPC_DEFAULT_SSL_ROOTS_FILE_PATH; export NODE_TLS_REJECT_UNAUTHORIZED=0;");
    assert.match(sentence, /certificate is signed by CN=Test Root CA, which is not among the roots/);
  });

  it("believes nobody when that file is not there, and says so", async () => {
    const sentence = await says(`export GRPC_DEFAULT_SSL_ROOTS_FILE_PATH='${roots}.gone';`);
    assert.match(
      sentence,
      /cannot read the roots of GRPC_DEFAULT_SSL_ROOTS_FILE_PATH in .*roots\.pem\.gone: no such file \(ENOENT\)/,
    );
  });
});
