import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  type CodeGeneratorRequest,
  CodeGeneratorRequestSchema,
  type CodeGeneratorResponse,
  CodeGeneratorResponseSchema,
} from "@bufbuild/protobuf/wkt";
import { stop } from "esbuild";
import { protocGenGodwit } from "../src/plugin.js";
import { version } from "../src/version.js";
import { compileGolden, compileSources, contents, generate, request } from "./support/compile.js";
import { pluginRoot, repositoryRoot, tool } from "./support/paths.js";
import { temporaryDirectory, writeFiles } from "./support/temporary-directory.js";

const bin = join(pluginRoot, "bin", "protoc-gen-godwit");
const shop = 'syntax = "proto3"; package a.v1; message M {} service S { rpc Do(M) returns (M); }';

/** Runs the program as protoc would. */
function runBin(codeRequest: CodeGeneratorRequest, env: NodeJS.ProcessEnv = process.env): CodeGeneratorResponse {
  const input = toBinary(CodeGeneratorRequestSchema, codeRequest);
  return fromBinary(CodeGeneratorResponseSchema, execFileSync(bin, { input, env, maxBuffer: 64 << 20 }));
}

const protoc = spawnSync("protoc", ["--version"], { encoding: "utf8" }).stdout?.trim();

describe("the program protoc-gen-godwit", () => {
  const directory = temporaryDirectory("program");

  before(async () => {
    const { buildPlugin } = (await import(pathToFileURL(join(repositoryRoot, "scripts", "build-plugin.mjs")).href)) as {
      buildPlugin(): Promise<void>;
    };
    await buildPlugin();
  });

  // esbuild's process would wait for the next build.
  after(() => stop());

  it("answers --version and -v", () => {
    for (const flag of ["--version", "-v"]) {
      assert.equal(execFileSync(bin, [flag], { encoding: "utf8" }), `protoc-gen-godwit v${version}\n`);
    }
  });

  it("warns on stderr of what only looks wrong, and generates", () => {
    const options = readFileSync(join(repositoryRoot, "proto", "godwit", "options.proto"), "utf8");
    const unsafe = `syntax = "proto3"; package a.v1; import "godwit/options.proto"; message M {}
      service S { rpc Do(M) returns (M) { option (godwit.method) = { retry: {} }; } }`;
    const sources = compileSources({ "a.proto": unsafe, "godwit/options.proto": options });
    const input = toBinary(CodeGeneratorRequestSchema, request(sources, "target=ts"));
    const { status, stdout, stderr } = spawnSync(bin, { input });
    assert.equal(status, 0);
    assert.deepEqual([...contents(fromBinary(CodeGeneratorResponseSchema, stdout)).keys()], ["a_godwit.ts"]);
    assert.match(
      String(stderr),
      /^warning: a\.proto: method a\.v1\.S\.Do has a retry policy .*delivery\/unsafe-retry.*\n$/,
    );
  });

  it("answers --help and -h with its options", () => {
    for (const flag of ["--help", "-h"]) {
      const help = execFileSync(bin, [flag], { encoding: "utf8" });
      assert.match(help, /^protoc-gen-godwit v[\d.]+: generates gRPC clients and servers/);
      for (const line of [
        "  codec=rpc|all|none\n",
        "  runtime=<package>\n",
        "  target=js|ts|dts (several joined by +)\n",
      ]) {
        assert.ok(help.includes(line), line);
      }
    }
  });

  it("refuses other arguments", () => {
    const { status, stdout, stderr } = spawnSync(bin, ["--colour"], { encoding: "utf8" });
    assert.equal(status, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /CodeGeneratorRequest on stdin/);
  });

  it("answers on stdout what the plugin answers in process", () => {
    const files = compileGolden();
    const codeRequest = request(files, "target=ts+js+dts,import_extension=js");
    assert.deepEqual(runBin(codeRequest), protocGenGodwit.run(codeRequest));
  });

  it("answers an error in the response, not by dying", () => {
    const { error, file } = runBin(request(compileSources({ "a.proto": shop }), "codec=fast"));
    assert.match(error, /^option "codec=fast" has a value that is not valid/);
    assert.deepEqual(file, []);
  });

  it("dies with one line when stdin holds no request", () => {
    const { status, stderr } = spawnSync(bin, { input: Buffer.from([0xff, 0xff]), encoding: "utf8" });
    assert.equal(status, 1);
    assert.match(stderr, /^protoc-gen-godwit: [^\n]+\n$/);
  });

  it("writes the same bytes whatever the language of the machine", () => {
    const messages = "message Chaos {} message Crow {} message Hat {} message Dog {} message aa {} message Zoo {}";
    const source = `syntax = "proto3"; package a.v1; ${messages}
service S { rpc A(Chaos) returns (Crow); rpc B(Hat) returns (Dog); rpc C(aa) returns (Zoo); }`;
    const codeRequest = request(compileSources({ "a.proto": source }), "target=ts");
    const [english, ...others] = ["en_US.UTF-8", "cs_CZ.UTF-8", "da_DK.UTF-8", "et_EE.UTF-8", "C"].map((locale) =>
      contents(runBin(codeRequest, { ...process.env, LC_ALL: locale, LANG: locale })),
    );
    assert.ok(english?.get("a_godwit.ts")?.includes("import type { aa, Chaos, Crow, Dog, Hat, Zoo }"));
    for (const other of others) assert.deepEqual(other, english);
  });

  it("ships as one small file that needs nothing installed", () => {
    const bundle = join(pluginRoot, "dist", "protoc-gen-godwit.js");
    assert.ok(statSync(bundle).size < 220_000, `${statSync(bundle).size} bytes`);
    const source = readFileSync(bundle, "utf8");
    const imports = [...source.matchAll(/(?:\bfrom|\bimport|\brequire\()\s*"([^"]+)"/g)].map((match) => match[1]);
    assert.deepEqual(
      imports.filter((specifier) => specifier === "typescript" || specifier?.startsWith("@")),
      [],
    );
    writeFiles(directory, { "alone/protoc-gen-godwit.mjs": source });
    const alone = [join(directory, "alone", "protoc-gen-godwit.mjs"), "--version"];
    assert.equal(
      execFileSync(process.execPath, alone, { encoding: "utf8", cwd: "/" }),
      `protoc-gen-godwit v${version}\n`,
    );
    assert.ok((statSync(bin).mode & 0o111) !== 0, "the shim is executable");
    assert.match(source, /Redistributions in binary form must reproduce the above/);
  });

  it("runs under buf generate beside protoc-gen-es", () => {
    const project = join(directory, "buf");
    const plugin = (local: string) => ({
      local,
      out: "gen",
      opt: ["target=ts", "import_extension=js"],
      strategy: "all",
    });
    writeFiles(project, {
      "buf.yaml": JSON.stringify({ version: "v2", modules: [{ path: "proto" }] }),
      "buf.gen.yaml": JSON.stringify({ version: "v2", plugins: [plugin(tool("protoc-gen-es")), plugin(bin)] }),
      "proto/a/v1/a.proto": shop,
    });
    execFileSync(tool("buf"), ["generate"], { cwd: project });
    const expected = generate({ "a/v1/a.proto": shop }, "target=ts,import_extension=js").get("a/v1/a_godwit.ts");
    assert.equal(readFileSync(join(project, "gen", "a", "v1", "a_godwit.ts"), "utf8"), expected);
    assert.match(readFileSync(join(project, "gen", "a", "v1", "a_pb.ts"), "utf8"), /export const S: GenService/);
  });

  it("tells buf's user what is wrong in one line", () => {
    const project = join(directory, "buf-error");
    writeFiles(project, {
      "buf.yaml": JSON.stringify({ version: "v2" }),
      "buf.gen.yaml": JSON.stringify({ version: "v2", plugins: [{ local: bin, out: "gen", strategy: "all" }] }),
      "a.proto": shop.replace("}", "} ").replace("rpc Do", "rpc GetFoo(M) returns (M); rpc getFoo"),
    });
    const { status, stderr } = spawnSync(tool("buf"), ["generate"], { cwd: project, encoding: "utf8" });
    assert.notEqual(status, 0);
    assert.match(
      stderr,
      /a\.proto: methods GetFoo and getFoo of service a\.v1\.S would both be called getFoo: rename one of them\n$/,
    );
  });

  const underProtoc = protoc === undefined || protoc === "" ? "protoc (skipped: no protoc in PATH)" : "protoc";
  it(`runs under plain ${underProtoc}`, function () {
    if (underProtoc !== "protoc") this.skip();
    const project = join(directory, "protoc");
    writeFiles(project, { "proto/a/v1/a.proto": shop, "gen/.keep": "" });
    const common = ["-I", "proto", `--plugin=protoc-gen-godwit=${bin}`, "--godwit_out=gen"];
    execFileSync("protoc", [...common, "--godwit_opt=target=ts,import_extension=js", "a/v1/a.proto"], { cwd: project });
    const expected = generate({ "a/v1/a.proto": shop }, "target=ts,import_extension=js").get("a/v1/a_godwit.ts");
    assert.equal(readFileSync(join(project, "gen", "a", "v1", "a_godwit.ts"), "utf8"), expected);
    const failed = spawnSync("protoc", [...common, "--godwit_opt=colour=red", "a/v1/a.proto"], {
      cwd: project,
      encoding: "utf8",
    });
    assert.notEqual(failed.status, 0);
    assert.match(failed.stderr, /^--godwit_out: option "colour=red" is unknown; the options are target=[^\n]+\n$/);
  });
});
