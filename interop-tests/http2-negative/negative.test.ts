import assert from "node:assert/strict";
import { createChannel, createClient, insecure, StatusCode } from "godwit";
import { TestService, type TestServiceClient } from "../gen/grpc/testing/test_godwit.js";
import { expectStatusError } from "../support/expect-status-error.js";
import { type NegativeCase, type NegativeServer, startNegativeServer } from "./negative-server.js";

const responseSize = 314_159;
const request = { responseSize, payload: { body: new Uint8Array(271_828) } };

async function largeUnary(client: TestServiceClient): Promise<void> {
  const { payload } = await client.unaryCall(request);
  assert.equal(payload?.body.length, responseSize);
}

async function against(
  name: NegativeCase,
  body: (client: TestServiceClient, server: NegativeServer) => Promise<void>,
): Promise<void> {
  await using server = await startNegativeServer(name);
  await using channel = createChannel(`127.0.0.1:${server.port}`, { credentials: insecure() });
  await body(createClient(TestService, channel), server);
  assert.deepEqual(
    server.connections.flatMap(({ violations }) => violations),
    [],
  );
}

/** gRPC's http2_test, for clients. */
describe("our client against a server that goes wrong", () => {
  it("goaway: the next call goes to another connection", () =>
    against("goaway", async (client, server) => {
      await largeUnary(client);
      await largeUnary(client);
      assert.equal(server.connections.length, 2);
    }));

  for (const name of ["rst_after_header", "rst_during_data", "rst_after_data"] as const) {
    it(`${name}: the call fails though the code of the reset is NO_ERROR`, () =>
      against(name, async (client) => {
        const error = await expectStatusError(client.unaryCall(request), StatusCode.INTERNAL);
        assert.match(error.message, /peer reset the stream with NO_ERROR/);
        assert.equal(error.delivery, "processed");
      }));
  }

  it("ping: each is answered, between frames of a call", () =>
    against("ping", async (client, server) => {
      await largeUnary(client);
      assert.equal(server.connections[0]?.unansweredPings, 0);
    }));

  it("max_streams: 15 calls at once wait for the one stream", () =>
    against("max_streams", async (client, server) => {
      await largeUnary(client);
      await Promise.all(Array.from({ length: 15 }, () => largeUnary(client)));
      assert.equal(server.connections.length, 1);
    }));

  for (const name of ["data_frame_padding", "no_df_padding_sanity_test"] as const) {
    it(`${name}: 5 octets in each of 62,834 frames`, () => against(name, largeUnary));
  }
});
