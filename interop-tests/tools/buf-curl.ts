import assert from "node:assert/strict";
import process from "node:process";
import type { Check } from "./check.js";
import { buf } from "./descriptors.js";
import { documents, runTool } from "./run-tool.js";
import type { Door } from "./subject.js";

function urlOf({ roots }: Door, address: string): string {
  return `${roots === undefined ? "http" : "https"}://${address}`;
}

const echo = "godwit.testing.v1.EchoService";

async function curl({ roots }: Door, ...args: string[]): Promise<string> {
  const flags = roots === undefined ? ["--http2-prior-knowledge"] : ["--cacert", roots];
  const all = [buf, "curl", "--protocol", "grpc", ...flags, ...args];
  const { exitCode, stdout, stderr } = await runTool(process.execPath, all);
  assert.equal(exitCode, 0, `buf curl ${args.join(" ")}: ${stderr}`);
  return stdout;
}

export const bufCurlChecks: readonly Check[] = [
  {
    name: "buf curl without --schema",
    async run({ door }) {
      const url = `${urlOf(door, door.address)}/${echo}`;
      const unary = await curl(door, "-d", '{"id": "7", "payload": "aGVsbG8="}', `${url}/Unary`);
      assert.deepEqual(documents(unary), [{ id: "7", payload: "aGVsbG8=" }]);
      const stream = await curl(door, "-d", '{"count": 3, "size": 3}', `${url}/ServerStream`);
      assert.equal(documents(stream).length, 3);
      const methods = await curl(door, "--list-methods", urlOf(door, door.address));
      assert.match(methods, new RegExp(`^${echo}/Unary$`, "m"));
      return "unary, a server stream, the list of methods";
    },
  },
  {
    name: "buf curl with v1alpha",
    async run({ door }) {
      for (const address of [door.address, door.olderAddress]) {
        const args = [
          "--reflect-protocol",
          "grpc-v1alpha",
          "-d",
          '{"id": "7"}',
          `${urlOf(door, address)}/${echo}/Unary`,
        ];
        assert.deepEqual(documents(await curl(door, ...args)), [{ id: "7" }]);
      }
      const found = await curl(door, "-d", '{"id": "7"}', `${urlOf(door, door.olderAddress)}/${echo}/Unary`);
      assert.deepEqual(documents(found), [{ id: "7" }]);
      return "asked for, and found where the server does not know v1";
    },
  },
];
