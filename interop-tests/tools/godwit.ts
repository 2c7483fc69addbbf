import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Check } from "./check.js";
import { runTool, type ToolResult } from "./run-tool.js";
import type { Door } from "./subject.js";

const program = fileURLToPath(new URL("dist/cli.js", import.meta.resolve("godwit/package.json")));
const echo = "godwit.testing.v1.EchoService";

function godwit(...args: string[]): Promise<ToolResult> {
  return runTool(process.execPath, [program, ...args]);
}

function flagsOf({ roots }: Door): string[] {
  return roots === undefined ? [] : ["--cacert", roots];
}

interface Inspection {
  readonly services: readonly string[];
  readonly health: Readonly<Record<string, string>>;
  readonly servers: readonly {
    readonly connections: readonly { readonly name: string; readonly security: string }[];
  }[];
  readonly channels: readonly { readonly target: string; readonly state: string }[];
}

async function inspect(...args: string[]): Promise<Inspection> {
  const { exitCode, stdout, stderr } = await godwit("inspect", "--json", ...args);
  assert.equal(exitCode, 0, stderr);
  return JSON.parse(stdout) as Inspection;
}

/** Our own commands. */
export const ownChecks: readonly Check[] = [
  {
    name: "godwit call",
    async run({ door }) {
      for (const address of [door.address, door.olderAddress]) {
        const { exitCode, stdout, stderr } = await godwit(
          "call",
          address,
          `${echo}/Unary`,
          '{"id":"7"}',
          ...flagsOf(door),
        );
        assert.deepEqual([exitCode, stdout], [0, '{"id":"7"}\n'], stderr);
      }
      const failed = await godwit("call", door.address, `${echo}/Unary`, '{"id":"none"}', ...flagsOf(door));
      assert.equal(failed.exitCode, 5);
      assert.match(failed.stderr, /^detail .*google\.rpc\.ErrorInfo/m);
      return "by v1 and v1alpha, and an error";
    },
  },
  {
    name: "godwit inspect",
    async run({ door }) {
      const { services, health, servers, channels } = await inspect(door.address, ...flagsOf(door));
      assert.ok(services.includes(echo));
      assert.equal(health[echo], "SERVING");
      assert.equal(servers.length, 2);
      const isSecure = servers.some(({ connections }) => connections.some(({ security }) => security !== "none"));
      assert.ok(isSecure || door.roots === undefined);
      assert.ok(channels.some(({ target, state }) => target === door.address && state === "READY"));
      return `${services.length} services, ${servers.length} servers, ${channels.length} channels`;
    },
  },
];

/** The same at a server that is not ours. */
export const goServerChecks: readonly Check[] = [
  {
    name: "godwit at grpc-go's server",
    async run({ tools }) {
      const server = spawn(tools.goPeer, ["-serve"], { stdio: ["ignore", "pipe", "inherit"] });
      try {
        const [line] = (await once(server.stdout, "data")) as [Buffer];
        const address = line.toString().trim();
        const called = await godwit("call", address, "grpc.health.v1.Health/Check");
        assert.deepEqual([called.exitCode, called.stdout], [0, '{"status":"SERVING"}\n'], called.stderr);
        const missing = await godwit("call", address, "grpc.channelz.v1.Channelz/GetServer", '{"serverId": 99}');
        assert.equal(missing.exitCode, 5, missing.stderr);
        const { services, health, servers } = await inspect(address);
        assert.ok(services.includes("grpc.health.v1.Health"));
        assert.equal(health[""], "SERVING");
        assert.match(servers[0]?.connections[0]?.name ?? "", /^127\.0\.0\.1:\d+$/);
        return "calls by its reflection, its health and channelz";
      } finally {
        server.kill();
      }
    },
  },
];
