// Does what docs/ci.md says: its files and its commands, in an empty folder, with our packages as `npm pack` makes them. What the
// page does not have (the .proto file, the program, tsconfig.json) is here. Dependencies come from the npm registry.
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const page = readFileSync(join(root, "docs/ci.md"), "utf8");
const folder = mkdtempSync(join(tmpdir(), "godwit-recipe-"));

const write = (path, text) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};

/** The block of the page that begins with a comment of this name. */
function block(name) {
  const found = [...page.matchAll(/```\w+\n(?:#|\/\/) ([^\n,]+)[^\n]*\n(.*?)```/gs)].find(
    ([, title]) => title === name,
  );
  assert.ok(found !== undefined, `docs/ci.md has no block "${name}"`);
  return found[2];
}

/** The commands of a workflow, in their order. */
function commandsOf(workflow) {
  const commands = [...block(workflow).matchAll(/^ +- run: (.+)$/gm)].map(([, command]) => command);
  assert.ok(commands.length >= 3, `${workflow} has ${commands.length} commands`);
  return commands;
}

/** Runs a command as CI would: within `sh`, without what `npm run` has put into our own environment. */
function sh(command) {
  const ours = /^(npm_|NODE_OPTIONS$|INIT_CWD$)/;
  const entries = Object.entries(process.env).filter(([name]) => !ours.test(name));
  const path = (process.env.PATH ?? "").split(":").filter((part) => !part.includes("node_modules"));
  const env = { ...Object.fromEntries(entries), PATH: path.join(":") };
  const { status, stdout, stderr } = spawnSync("sh", ["-c", command], { cwd: folder, env, encoding: "utf8" });
  return { status, output: `${stdout}${stderr}` };
}

function succeed(command) {
  const { status, output } = sh(command);
  assert.equal(status, 0, `"${command}" ended with ${status}:\n${output}`);
  console.log(`ok: ${command}`);
  return output;
}

function pack(workspace) {
  const args = ["pack", "-w", workspace, "--json", "--pack-destination", folder];
  const [{ filename }] = JSON.parse(execFileSync("npm", args, { cwd: root, encoding: "utf8" }));
  return `file:./${filename}`;
}

const versionOf = (name) => JSON.parse(readFileSync(join(root, "node_modules", name, "package.json"), "utf8")).version;

const proto = `syntax = "proto3";
package greeting.v1;
import "godwit/options.proto";
service GreetingService {
  rpc Greet(GreetRequest) returns (GreetResponse) {
    option idempotency_level = NO_SIDE_EFFECTS;
    option (godwit.method).timeout_ms = 2500;
  }
}
message GreetRequest { string name = 1; }
message GreetResponse { string text = 1; }
`;

const main = `import { createClient, createServer } from "godwit";
import { GreetingService } from "./gen/greeting/v1/greeting_godwit.js";
const server = createServer();
server.add(GreetingService, { greet: ({ name }) => ({ text: \`hello \${name}\` }) });
console.log((await createClient(GreetingService, server.inProcess()).greet({ name: "CI" })).text);
await server.close();
`;

const compilerOptions = {
  target: "es2022",
  lib: ["es2023", "esnext.disposable"],
  module: "nodenext",
  types: ["node"],
  strict: true,
  rootDir: "src",
  outDir: "out",
};

try {
  const names = ["@bufbuild/buf", "@bufbuild/protoc-gen-es", "typescript", "@types/node"];
  const tools = Object.fromEntries(names.map((name) => [name, versionOf(name)]));
  const manifest = {
    name: "recipe",
    private: true,
    type: "module",
    scripts: JSON.parse(block("package.json")),
    dependencies: { godwit: pack("runtime"), "@bufbuild/protobuf": versionOf("@bufbuild/protobuf") },
    devDependencies: { "protoc-gen-godwit": pack("plugin"), ...tools },
  };
  write("package.json", JSON.stringify(manifest));
  write("buf.yaml", block("buf.yaml"));
  write("buf.gen.yaml", block("buf.gen.yaml"));
  write("proto/greeting/v1/greeting.proto", proto);
  write("src/main.ts", main);
  write("tsconfig.json", JSON.stringify({ compilerOptions, include: ["src"] }));
  write(".gitignore", "node_modules\nout\n*.tgz\n");
  succeed("npm install --package-lock-only --no-audit --no-fund --prefer-offline");

  const said = commandsOf(".github/workflows/build.yaml").map(succeed);
  assert.equal(said.at(-1), "hello CI\n");

  succeed("npx godwit --help");

  succeed("git init -q && git add . && git -c user.name=ci -c user.email=ci@example.com commit -qm stubs");
  const stubs = commandsOf(".github/workflows/stubs.yaml");
  stubs.forEach(succeed);
  // A method more, and stubs that are not those of it any more.
  write(
    "proto/greeting/v1/greeting.proto",
    proto.replace("service GreetingService {", "$&\n  rpc Wave(GreetRequest) returns (GreetResponse);"),
  );
  const compare = stubs.at(-1);
  stubs.slice(0, -1).forEach(succeed);
  assert.notEqual(sh(compare).status, 0, `"${compare}" did not notice that the stubs have changed`);
  console.log("ok: stubs that are out of date are noticed");
} finally {
  rmSync(folder, { recursive: true, force: true });
}
