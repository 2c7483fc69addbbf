import assert from "node:assert/strict";
import type { Check, CheckContext } from "./check.js";
import { documents, runTool } from "./run-tool.js";
import type { Door } from "./subject.js";

const echo = "godwit.testing.v1.EchoService";
const everything = [
  echo,
  "grpc.channelz.v1.Channelz",
  "grpc.health.v1.Health",
  "grpc.reflection.v1.ServerReflection",
  "grpc.reflection.v1alpha.ServerReflection",
];

/** What a door wants to hear before anything else. */
export function grpcurlFlags({ roots }: Door): string[] {
  return roots === undefined ? ["-plaintext"] : ["-cacert", roots];
}

async function grpcurl({ tools, door }: CheckContext, ...args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await runTool(tools.grpcurl, [...grpcurlFlags(door), ...args]);
  assert.equal(exitCode, 0, `grpcurl ${args.join(" ")}: ${stderr}`);
  return stdout;
}

export const grpcurlChecks: readonly Check[] = [
  {
    name: "grpcurl list",
    async run(context) {
      const { door } = context;
      const services = (await grpcurl(context, door.address, "list")).trim().split("\n");
      assert.deepEqual(services, everything);
      const methods = await grpcurl(context, door.address, "list", echo);
      assert.deepEqual(
        methods.trim().split("\n"),
        ["Bidi", "ClientStream", "ServerStream", "Unary"].map((name) => `${echo}.${name}`),
      );
      return `${services.length} services, 4 methods`;
    },
  },
  {
    name: "grpcurl describe",
    async run(context) {
      const { door } = context;
      const service = await grpcurl(context, door.address, "describe", echo);
      assert.match(service, /rpc Bidi \( stream \.godwit\.testing\.v1\.BidiRequest \) returns \( stream /);
      const method = await grpcurl(context, door.address, "describe", `${echo}.Unary`);
      assert.match(method, /rpc Unary/);
      const message = await grpcurl(context, door.address, "describe", "godwit.testing.v1.UnaryRequest");
      assert.match(message, /bytes payload = \d+;/);
      const field = await grpcurl(context, door.address, "describe", "godwit.testing.v1.UnaryRequest.payload");
      assert.match(field, /is a field:/);
      const value = await grpcurl(context, door.address, "describe", "grpc.channelz.v1.ChannelTraceEvent.CT_INFO");
      assert.match(value, /is an enum value:/);
      return "a service, a method, a message, a field, a value of an enum";
    },
  },
  {
    name: "grpcurl call",
    async run(context) {
      const { door } = context;
      const data = '{"id": "7", "payload": "aGVsbG8="}';
      const args = ["-v", "-H", "x-say: hello", "-d", data, door.address, `${echo}/Unary`];
      const told = await grpcurl(context, ...args);
      assert.match(told, /x-echo: hello/);
      assert.match(told, /"payload": "aGVsbG8="/);
      const stream = await grpcurl(context, "-d", '{"count": 3, "size": 3}', door.address, `${echo}/ServerStream`);
      assert.equal(documents(stream).length, 3);
      const bidi = await grpcurl(context, "-d", '{"index": 1} {"index": 2}', door.address, `${echo}/Bidi`);
      assert.deepEqual(documents(bidi), [{ index: 1 }, { index: 2 }]);
      return "unary with metadata both ways, a server stream, a bidi stream";
    },
  },
  {
    name: "grpcurl error",
    async run(context) {
      const { door } = context;
      const args = [...grpcurlFlags(door), "-d", '{"id": "none"}', door.address, `${echo}/Unary`];
      const { exitCode, stderr } = await runTool(context.tools.grpcurl, args);
      assert.equal(exitCode, 64 + 5);
      assert.match(stderr, /Code: NotFound/);
      assert.match(stderr, /Message: no “none”/);
      assert.match(stderr, /"@type": "type.googleapis.com\/google.rpc.ErrorInfo"/);
      return "NOT_FOUND with its details";
    },
  },
  {
    name: "grpcurl with v1alpha",
    async run(context) {
      const { door } = context;
      const services = (await grpcurl(context, door.olderAddress, "list")).trim().split("\n");
      assert.deepEqual(services, everything);
      const answer = await grpcurl(context, "-d", '{"id": "7"}', door.olderAddress, `${echo}/Unary`);
      assert.deepEqual(documents(answer), [{ id: "7" }]);
      return "list and a call, by a server that does not know v1";
    },
  },
];
