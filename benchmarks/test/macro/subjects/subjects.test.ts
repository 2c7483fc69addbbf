import assert from "node:assert/strict";
import { createClient } from "../../../macro/subjects/create-client.js";
import { createServer } from "../../../macro/subjects/create-server.js";
import type { NodeSubjectName, SubjectClient } from "../../../macro/subjects/subject.js";

const payload = Buffer.alloc(64, 0x5a);

function call(client: SubjectClient, body: Uint8Array, headline: boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    client.unary(body, headline, (error) => (error === undefined ? resolve() : reject(error)));
  });
}

async function withPairing(
  clientOf: NodeSubjectName,
  serverOf: NodeSubjectName,
  use: (client: SubjectClient) => Promise<void>,
): Promise<void> {
  const server = await createServer(serverOf);
  const client = await createClient(clientOf, await server.listen());
  try {
    await use(client);
  } finally {
    await client.close();
    await server.close();
  }
}

describe("subjects of the macro benchmark", () => {
  const pairings: readonly (readonly [NodeSubjectName, NodeSubjectName])[] = [
    ["godwit", "godwit"],
    ["grpc-js", "grpc-js"],
    ["nice-grpc", "nice-grpc"],
    ["connect-node", "connect-node"],
    ["godwit", "grpc-js"],
    ["grpc-js", "godwit"],
    ["godwit", "nice-grpc"],
    ["nice-grpc", "godwit"],
    ["godwit", "connect-node"],
    ["connect-node", "godwit"],
  ];
  for (const [clientOf, serverOf] of pairings) {
    it(`${clientOf} has all kinds of calls answered by ${serverOf}`, () =>
      withPairing(clientOf, serverOf, async (client) => {
        await Promise.all([call(client, payload, true), call(client, payload, false)]);
        await call(client, Buffer.alloc(1024 * 1024, 1), false);
        await client.serverStream(50, 64);
        await client.clientStream(50, payload);
        const { operations, p999Us } = await client.pingPong(payload, 3, 5);
        assert.ok(operations >= 3);
        assert.ok(p999Us !== undefined && p999Us > 0);
      }));
  }

  // What the skeleton writes is HTTP/2 and gRPC: ours says so, as a server and as a client.
  for (const [clientOf, serverOf] of [
    ["skeleton", "skeleton"],
    ["skeleton", "godwit"],
    ["godwit", "skeleton"],
  ] as const) {
    it(`${clientOf} has unary calls answered by ${serverOf}`, () =>
      withPairing(clientOf, serverOf, async (client) => {
        for (const headline of [true, false]) {
          for (const size of [0, 1, 127, 128, 1024]) await call(client, Buffer.alloc(size, 7), headline);
        }
        await Promise.all(Array.from({ length: 100 }, () => call(client, payload, true)));
      }));
  }

  it("raw-net has whole messages answered", () =>
    withPairing("raw-net", "raw-net", async (client) => {
      await call(client, Buffer.alloc(1024 * 1024, 1), false);
      const sizes = [0, 1, 70_000, 5, 1024 * 1024];
      await Promise.all(sizes.map((size) => call(client, Buffer.alloc(size, 3), false)));
      assert.throws(() => client.unary(payload, true, () => {}), /neither deadlines nor metadata/);
    }));
});
