/** Both packages as `npm pack` makes them, in an empty project outside the workspace: generate, type-check, run. */
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = findRoot(dirname(fileURLToPath(import.meta.url)));

function findRoot(from: string): string {
  return existsSync(join(from, "buf.yaml")) ? from : findRoot(dirname(from));
}

const proto = `syntax = "proto3";
package hello.v1;
// Greets.
service Greeter {
  // Says hello.
  rpc Greet(GreetRequest) returns (GreetResponse) { option idempotency_level = NO_SIDE_EFFECTS; }
  rpc Count(GreetRequest) returns (stream GreetResponse);
}
message GreetRequest { string name = 1; }
message GreetResponse { string text = 1; }
`;

const main = `
const server = createServer();
server.add(Greeter, {
  greet: ({ name }) => ({ text: "hello " + name }),
  async *count() { yield { text: "1" }; yield { text: "2" }; },
});
server.add(Health, createHealthService());
addReflection(server).add(Channelz, createChannelzService());
const { address } = await server.listen("127.0.0.1:0", { credentials: insecureServer() });
const channel = createChannel(address, { credentials: insecure() });
const greeter = createClient(Greeter, channel);
const said: string[] = [(await greeter.greet({ name: "you" })).text];
for await (const { text } of greeter.count({})) said.push(text);
const { status } = await createClient(Health, channel).check({});
if (status === ServingStatus.SERVING) said.push("healthy");
if ((await createRemoteSchema(channel).service("hello.v1.Greeter")).methods.length === 2) said.push("described");
if ((await createClient(Channelz, channel).getServers({})).server.length === 1) said.push("counted");
await channel.close();
await server.close();
console.log(said.join());
`;

const esm = `import { createChannel, createClient, createServer, insecure, insecureServer } from "godwit";
import { Channelz, createChannelzService } from "godwit/channelz";
import { createHealthService, Health, ServingStatus } from "godwit/health";
import { addReflection, createRemoteSchema } from "godwit/reflection";
import { Greeter } from "./gen/hello_godwit.js";
${main}`;

const cjs = `import godwit = require("godwit");
import services = require("godwit/services");
import stubs = require("./gen/hello_godwit.js");
const { createChannel, createClient, createServer, insecure, insecureServer } = godwit;
const { createHealthService, Health, ServingStatus, Channelz, createChannelzService } = services;
const { addReflection, createRemoteSchema } = services;
const { Greeter } = stubs;
void (async () => {${main}})();
`;

/** Strict as api.md promises. */
const strict = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  isolatedDeclarations: true,
  declaration: true,
  skipLibCheck: false,
  lib: ["es2023", "esnext.disposable"],
  target: "es2022",
  types: ["node"],
  rootDir: "src",
};

describe("the packed packages", function () {
  this.timeout(120_000);
  let folder = "";

  const tool = (name: string): string => join(root, "node_modules", ".bin", name);
  const run = (cwd: string, command: string, args: readonly string[]): string => {
    try {
      return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
    } catch (error) {
      const { stdout, stderr } = error as { stdout: string; stderr: string };
      return assert.fail(`${command} ${args.join(" ")} failed:\n${stdout}\n${stderr}`);
    }
  };

  function unpack(workspace: string, name: string): void {
    const [packed] = JSON.parse(
      run(root, "npm", ["pack", "-w", workspace, "--json", "--pack-destination", folder]),
    ) as [{ filename: string }];
    const target = join(folder, "node_modules", name);
    mkdirSync(target, { recursive: true });
    run(folder, "tar", ["-xzf", join(folder, packed.filename), "-C", target, "--strip-components=1"]);
  }

  function project(name: string, type: "module" | "commonjs"): string {
    const path = join(folder, name);
    mkdirSync(join(path, "src"), { recursive: true });
    writeFileSync(join(path, "package.json"), JSON.stringify({ name, private: true, type }));
    return path;
  }

  function generate(path: string, options: readonly string[]): void {
    const out = join(path, "src", "gen");
    const opt = ["target=ts", ...options];
    writeFileSync(join(path, "hello.proto"), proto);
    const plugin = join(folder, "node_modules", "protoc-gen-godwit", "bin", "protoc-gen-godwit");
    const plugins = [
      { local: tool("protoc-gen-es"), out, opt },
      { local: plugin, out, opt },
    ];
    run(path, tool("buf"), ["generate", "--template", JSON.stringify({ version: "v2", plugins })]);
  }

  function check(path: string, options: object): void {
    writeFileSync(
      join(path, "tsconfig.json"),
      JSON.stringify({ compilerOptions: { ...strict, ...options }, include: ["src"] }),
    );
    run(path, tool("tsc"), ["-p", "."]);
  }

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "godwit-packages-"));
    unpack("runtime", "godwit");
    unpack("plugin", "protoc-gen-godwit");
    for (const name of ["@bufbuild/protobuf", "@types/node", "undici-types"]) {
      const target = join(root, "node_modules", name);
      if (!existsSync(target)) continue;
      mkdirSync(dirname(join(folder, "node_modules", name)), { recursive: true });
      symlinkSync(target, join(folder, "node_modules", name));
    }
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it("work from an ES module under nodenext", () => {
    const path = project("esm", "module");
    generate(path, ["import_extension=js"]);
    writeFileSync(join(path, "src", "main.ts"), esm);
    check(path, { module: "nodenext", moduleResolution: "nodenext", outDir: "out" });
    assert.equal(run(path, process.execPath, ["out/main.js"]), "hello you,1,2,healthy,described,counted\n");
  });

  it("type-check under bundler", () => {
    const path = project("bundled", "module");
    generate(path, []);
    writeFileSync(join(path, "src", "main.ts"), esm.replace("_godwit.js", "_godwit"));
    check(path, { module: "esnext", moduleResolution: "bundler", noEmit: true });
  });

  it("work from CommonJS under nodenext", () => {
    const path = project("cjs", "commonjs");
    generate(path, ["import_extension=js"]);
    writeFileSync(join(path, "src", "main.ts"), cjs);
    // A CommonJS file that TypeScript compiles cannot use import syntax under verbatimModuleSyntax, which stubs do.
    check(path, { module: "nodenext", moduleResolution: "nodenext", outDir: "out", verbatimModuleSyntax: false });
    assert.equal(run(path, process.execPath, ["out/main.js"]), "hello you,1,2,healthy,described,counted\n");
  });

  it("bring godwit/jwt, which type-checks and says what it needs where jose is not installed", () => {
    const path = project("jwt", "module");
    const source = `import { createServer, Metadata } from "godwit";
import { jwtAuthenticator, signedJwt } from "godwit/jwt";
const authenticate = jwtAuthenticator({ issuer: "i", audience: "a", jwks: { keys: [{ kty: "OKP" }] } });
createServer({ authenticate });
const metadata = new Metadata({ authorization: "Bearer a.b.c" });
const platform = { now: () => 0, wallClock: () => 0, warn: (message: string) => console.log(message) };
try {
  await authenticate({ metadata, platform } as unknown as Parameters<typeof authenticate>[0]);
} catch (error) {
  console.log(String(error), typeof signedJwt);
}
`;
    writeFileSync(join(path, "src", "main.ts"), source);
    check(path, { module: "nodenext", moduleResolution: "nodenext", outDir: "out" });
    assert.deepEqual(run(path, process.execPath, ["out/main.js"]).trim().split("\n"), [
      "the keys that tokens are signed with cannot be had: godwit/jwt needs the package jose, version 6, and could not import it: npm install jose@6; no token can be checked",
      "StatusError: UNAVAILABLE: tokens cannot be checked at the moment function",
    ]);
  });

  it("print nothing but what the program prints, required from plain CommonJS", () => {
    const path = project("plain", "commonjs");
    const source = `const { StatusCode, createServer } = require("godwit"); console.log(typeof createServer, StatusCode.NOT_FOUND);`;
    writeFileSync(join(path, "main.js"), source);
    const command = `"${process.execPath}" main.js 2>&1`;
    assert.equal(run(path, "sh", ["-c", command]), "function 5\n");
  });

  describe("bring godwit/options.proto", () => {
    const withTimeout = proto
      .replace("package hello.v1;", 'package hello.v1;\nimport "godwit/options.proto";')
      .replace("= NO_SIDE_EFFECTS;", "= NO_SIDE_EFFECTS; option (godwit.method).timeout_ms = 2500;");
    const main = `import { createClient, createServer, serviceFromDesc } from "godwit";
import { Greeter } from "./gen/hello_godwit.js";
import { Greeter as Desc } from "./gen/hello_pb.js";
const server = createServer();
server.add(Greeter, { greet: () => ({ text: "" }), async *count() {} });
console.log(Greeter.methods[0]?.timeoutMs, serviceFromDesc(Desc).methods[0]?.timeoutMs);
await createClient(Greeter, server.inProcess()).greet({});
await server.close();
`;

    /** A project as npm would leave it: packages lie in it. */
    function createProject(name: string): string {
      const path = project(name, "module");
      const godwit = join(folder, "node_modules", "godwit");
      cpSync(join(godwit, "proto"), join(path, "node_modules", "godwit", "proto"), { recursive: true });
      mkdirSync(join(path, "proto"));
      writeFileSync(join(path, "proto", "hello.proto"), withTimeout);
      return path;
    }

    function runProject(path: string): void {
      assert.match(readFileSync(join(path, "src", "gen", "hello_godwit.ts"), "utf8"), /^ {4}timeoutMs: 2500,$/m);
      rmSync(join(path, "node_modules"), { recursive: true });
      writeFileSync(join(path, "src", "main.ts"), main);
      check(path, { module: "nodenext", moduleResolution: "nodenext", outDir: "out" });
      assert.equal(run(path, process.execPath, ["out/main.js"]), "2500 2500\n");
    }

    const options = ["target=ts", "import_extension=js"];
    const plugin = (): string => join(folder, "node_modules", "protoc-gen-godwit", "bin", "protoc-gen-godwit");

    it("which buf finds as a second module", () => {
      const path = createProject("options-buf");
      const modules = "version: v2\nmodules:\n  - path: proto\n  - path: node_modules/godwit/proto\n";
      writeFileSync(join(path, "buf.yaml"), modules);
      const out = join(path, "src", "gen");
      const common = { out, opt: options, strategy: "all" };
      const plugins = [
        { local: tool("protoc-gen-es"), ...common, include_imports: true },
        { local: plugin(), ...common },
      ];
      run(path, tool("buf"), ["generate", "--template", JSON.stringify({ version: "v2", plugins })]);
      runProject(path);
    });

    const hasProtoc = spawnSync("protoc", ["--version"]).status === 0;
    it(`which protoc finds by -I${hasProtoc ? "" : " (skipped: there is no protoc)"}`, function () {
      if (!hasProtoc) this.skip();
      const path = createProject("options-protoc");
      const out = join(path, "src", "gen");
      mkdirSync(out);
      const flags = ["es", "godwit"].flatMap((name) => [`--${name}_out=${out}`, `--${name}_opt=${options.join(",")}`]);
      const plugins = [`--plugin=protoc-gen-es=${tool("protoc-gen-es")}`, `--plugin=${plugin()}`];
      const paths = ["-Iproto", "-Inode_modules/godwit/proto", "hello.proto", "godwit/options.proto"];
      run(path, "protoc", [...plugins, ...flags, ...paths]);
      runProject(path);
    });
  });

  describe("bring programs", () => {
    /** As npm would link it: the file that the package names, run by itself. */
    const program = (name: string, command: string, cwd: string, args: readonly string[]) => {
      const target = join(folder, "node_modules", name);
      const { bin } = JSON.parse(readFileSync(join(target, "package.json"), "utf8")) as { bin: Record<string, string> };
      const { status, stdout, stderr } = spawnSync(join(target, bin[command] ?? ""), args, { cwd, encoding: "utf8" });
      return { status, stdout, stderr };
    };

    it("that say what they are", () => {
      const path = project("programs", "module");
      const { version } = JSON.parse(readFileSync(join(folder, "node_modules", "godwit", "package.json"), "utf8")) as {
        version: string;
      };
      const good = (stdout: string) => ({ status: 0, stdout, stderr: "" });
      for (const flag of ["--version", "-v"]) {
        assert.deepEqual(program("godwit", "godwit", path, [flag]), good(`godwit ${version}\n`));
        assert.deepEqual(
          program("protoc-gen-godwit", "protoc-gen-godwit", path, [flag]),
          good(`protoc-gen-godwit v${version}\n`),
        );
      }
      for (const flag of ["--help", "-h"]) {
        assert.match(program("godwit", "godwit", path, [flag]).stdout, /^Usage: godwit <command>/m);
        assert.match(program("protoc-gen-godwit", "protoc-gen-godwit", path, [flag]).stdout, /buf\.gen\.yaml/);
      }
      assert.deepEqual(program("godwit", "godwit", path, ["serve"]), {
        status: 2,
        stdout: "",
        stderr: 'godwit: there is no command "serve"; there are: call, inspect, explore, dev-certs\n',
      });
    });

    it("of which explore brings its page", async () => {
      const target = join(folder, "node_modules", "godwit", "dist", "cli.js");
      const running = spawn(process.execPath, [target, "explore", "127.0.0.1:1"], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const ended = once(running, "exit");
      const [printed] = (await once(running.stdout, "data")) as [Buffer];
      const url = /http:\S+/.exec(printed.toString())?.[0] ?? "";
      for (const name of ["", "page.js", "page.css"]) {
        // Node's fetch would keep the connection beyond this test.
        const answer = await fetch(url + name, { headers: { connection: "close" } });
        assert.equal(answer.status, 200, name);
        await answer.arrayBuffer();
      }
      running.kill("SIGINT");
      assert.deepEqual(await ended, [0, null]);
    });

    it("of which dev-certs makes certificates, once their packages are there", () => {
      const path = project("dev-certs", "module");
      assert.deepEqual(program("godwit", "godwit", path, ["dev-certs"]), {
        status: 1,
        stdout: "",
        stderr:
          "godwit dev-certs: certificates are made by the packages pkijs and asn1js, which are not installed: npm install --save-dev pkijs@4 asn1js@4\n",
      });
      for (const name of ["pkijs", "asn1js"]) {
        symlinkSync(join(root, "node_modules", name), join(folder, "node_modules", name));
      }
      const { status, stdout, stderr } = program("godwit", "godwit", path, ["dev-certs", "--client", "shop"]);
      assert.deepEqual([status, stderr], [0, ""]);
      assert.match(stdout, /^wrote certs\/ca\.crt, /);
      for (const name of ["ca", "server", "client"]) {
        assert.ok(existsSync(join(path, "certs", `${name}.key`)), name);
      }
    });
  });

  it("carry their licence and readme, and no sources or tests", () => {
    for (const name of ["godwit", "protoc-gen-godwit"]) {
      const target = join(folder, "node_modules", name);
      for (const file of ["LICENSE", "README.md", "package.json"])
        assert.ok(existsSync(join(target, file)), `${name}/${file}`);
      for (const file of ["src", "test", "build"]) assert.ok(!existsSync(join(target, file)), `${name}/${file}`);
    }
  });
});
