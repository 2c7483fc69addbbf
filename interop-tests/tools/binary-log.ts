import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createChannel, createClient, createServer, insecure } from "godwit";
import { binaryLog } from "godwit/binarylog";
import { EchoService } from "../gen/godwit/testing/v1/echo_godwit.js";
import { echoHandlers } from "../ours/our-server.js";
import type { Check } from "./check.js";

type Entry = Readonly<Record<string, unknown>>;

/** Binary logs are for others to read: here by the messages of grpc-go (binlog/main.go). */
export const binaryLogChecks: readonly Check[] = [
  {
    name: "grpc-go's messages read our binary log",
    async run({ tools }) {
      const chunks: Uint8Array[] = [];
      const sink = { write: (bytes: Uint8Array) => chunks.push(bytes) };
      const raw = (side: "client" | "server") => [{ raw: binaryLog({ side, sink, filter: "*" }) }];
      const server = createServer({ interceptors: raw("server") }).add(EchoService, echoHandlers);
      const { address } = await server.listen("127.0.0.1:0");
      const channel = createChannel(address, { credentials: insecure(), interceptors: raw("client") });
      const client = createClient(EchoService, channel);
      await client.unary({ id: "1", payload: new Uint8Array(10) }, { metadata: { "x-a": "1" }, timeoutMs: 5000 });
      for await (const _ of client.serverStream({ count: 3, size: 5 }));
      await channel.close();
      await server.close();
      const input = Buffer.concat(chunks);
      const { status, stdout, stderr } = spawnSync(tools.binaryLog, { input, encoding: "utf8" });
      assert.equal(status, 0, stderr);
      const entries = stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Entry);
      const typesOf = (logger: string) => entries.filter((entry) => entry["logger"] === logger).map(({ type }) => type);
      assert.equal(typesOf("LOGGER_CLIENT").length, 6 + 8);
      assert.deepEqual([...typesOf("LOGGER_CLIENT")].sort(), [...typesOf("LOGGER_SERVER")].sort());
      const header = entries.find((entry) => entry["clientHeader"] !== undefined)?.["clientHeader"] as Entry;
      assert.equal(header["methodName"], "/godwit.testing.v1.EchoService/Unary");
      return `${entries.length} entries of 2 calls`;
    },
  },
];
