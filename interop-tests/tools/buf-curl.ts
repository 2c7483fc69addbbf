import assert from "node:assert/strict";
import process from "node:process";
import type { Check } from "./check.js";
import { buf } from "./descriptors.js";
import { documents, runTool } from "./run-tool.js";

const echo = "godwit.testing.v1.EchoService";

async function curl(...args: string[]): Promise<string> {
  const all = [buf, "curl", "--protocol", "grpc", "--http2-prior-knowledge", ...args];
  const { exitCode, stdout, stderr } = await runTool(process.execPath, all);
  assert.equal(exitCode, 0, `buf curl ${args.join(" ")}: ${stderr}`);
  return stdout;
}

export const bufCurlChecks: readonly Check[] = [
  {
    name: "buf curl without --schema",
    async run({ subject }) {
      const url = `http://${subject.address}/${echo}`;
      const unary = await curl("-d", '{"id": "7", "payload": "aGVsbG8="}', `${url}/Unary`);
      assert.deepEqual(documents(unary), [{ id: "7", payload: "aGVsbG8=" }]);
      const stream = await curl("-d", '{"count": 3, "size": 3}', `${url}/ServerStream`);
      assert.equal(documents(stream).length, 3);
      const methods = await curl("--list-methods", `http://${subject.address}`);
      assert.match(methods, new RegExp(`^${echo}/Unary$`, "m"));
      return "unary, a server stream, the list of methods";
    },
  },
  {
    name: "buf curl with v1alpha",
    async run({ subject }) {
      for (const address of [subject.address, subject.olderAddress]) {
        const args = ["--reflect-protocol", "grpc-v1alpha", "-d", '{"id": "7"}', `http://${address}/${echo}/Unary`];
        assert.deepEqual(documents(await curl(...args)), [{ id: "7" }]);
      }
      const found = await curl("-d", '{"id": "7"}', `http://${subject.olderAddress}/${echo}/Unary`);
      assert.deepEqual(documents(found), [{ id: "7" }]);
      return "asked for, and found where the server does not know v1";
    },
  },
];
