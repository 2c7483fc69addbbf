/** What channels and servers tell of themselves, over real sockets: the numbers on both sides agree. */
import assert from "node:assert/strict";
import {
  createChannel,
  createClient,
  createServer,
  insecure,
  openChannels,
  openServers,
  StatusCode,
  StatusError,
} from "godwit";
import { EchoService } from "../gen/godwit/testing/v1/echo_godwit.js";
import { failureOf, openLoopback } from "./loopback.js";

/** Three calls that go well, with five messages each way, and two that fail. */
async function callFive(echo: Awaited<ReturnType<typeof openLoopback>>["echo"]): Promise<void> {
  await echo.unary({});
  for await (const _ of echo.serverStream({ count: 3 }));
  await echo.clientStream([{ payload: new Uint8Array(3) }]);
  await failureOf(echo.unary({ id: "none" }), StatusCode.NOT_FOUND);
  await failureOf(echo.unary({}, { timeoutMs: 0 }), StatusCode.DEADLINE_EXCEEDED);
}

describe("descriptions", () => {
  it("count calls, streams and messages on both sides", async () => {
    const unary = ({ id }: { readonly id: string }): object => {
      if (id === "none") throw new StatusError(StatusCode.NOT_FOUND, "no such thing");
      return { id };
    };
    await using loopback = await openLoopback({ handlers: { unary } });
    const before = Date.now();
    await callFive(loopback.echo);
    const server = loopback.server.describe();
    const channel = loopback.channel.describe();
    const [subchannel] = channel.subchannels;
    // A call whose deadline has passed before it starts is none.
    for (const { calls } of [server, channel, subchannel ?? assert.fail()]) {
      assert.deepEqual([calls.started, calls.succeeded, calls.failed], [4, 3, 1]);
      assert.ok(Math.abs((calls.lastStartedAt?.getTime() ?? 0) - before) < 60_000);
    }
    const [near] = loopback.server.connections();
    const [far] = subchannel?.connections ?? [];
    assert.ok(near !== undefined && far !== undefined);
    for (const { streamsStarted, streamsSucceeded, streamsFailed } of [near.traffic, far.traffic])
      assert.deepEqual([streamsStarted, streamsSucceeded, streamsFailed], [4, 4, 0]);
    assert.deepEqual([near.traffic.messagesReceived, near.traffic.messagesSent], [4, 5]);
    assert.deepEqual([far.traffic.messagesReceived, far.traffic.messagesSent], [5, 4]);
    for (const { lastStreamAt, lastMessageSentAt, lastMessageReceivedAt } of [near.traffic, far.traffic])
      for (const at of [lastStreamAt, lastMessageSentAt, lastMessageReceivedAt])
        assert.ok(Math.abs((at?.getTime() ?? 0) - before) < 60_000);
    assert.equal(near.local, far.peer);
    assert.equal(far.local, near.peer.address);
    assert.ok(far.traffic.sendWindow > 0 && near.traffic.receiveWindow > 0);
  });

  it("of a server name its services, listeners, connections and calls", async () => {
    await using loopback = await openLoopback();
    const { server, address } = loopback;
    await loopback.echo.unary({});
    await loopback.connect().echo.unary({});
    const { id, calls: _calls, events, listening, ...rest } = server.describe();
    assert.deepEqual(rest, {
      state: "open",
      services: [EchoService.typeName],
      openConnections: 2,
      runningCalls: 0,
      runningHandlers: 0,
    });
    assert.deepEqual(
      listening.map((each) => each.address),
      [address],
    );
    assert.deepEqual(
      events.latest.map(({ description }) => description),
      [`listening on ${address}`],
    );
    const [first, second] = server.connections();
    assert.ok(first !== undefined && second !== undefined && id < first.id && first.id < second.id);
    assert.deepEqual(
      server.connections({ from: first.id + 1 }).map((each) => each.id),
      [second.id],
    );
    assert.deepEqual(
      server.connections({ limit: 1 }).map((each) => each.id),
      [first.id],
    );
  });

  it("of a channel tell its states and its subchannels', and what the resolver said", async () => {
    await using loopback = await openLoopback();
    await loopback.echo.unary({});
    const { events, subchannels } = loopback.channel.describe();
    const told = events.latest.map(({ description }) => description);
    assert.deepEqual(told, [
      "CONNECTING",
      "resolved: 1 endpoint",
      "load balancing by pick_first",
      `a subchannel for ${loopback.address}`,
      "READY",
    ]);
    assert.equal(events.latest[3]?.subchannelId, subchannels[0]?.id);
    const states = subchannels[0]?.events.latest.map(({ description }) => description);
    assert.deepEqual(states, ["CONNECTING", "READY"]);
  });

  it("are of what has not closed, in one process", async () => {
    const server = createServer();
    const channel = createChannel("127.0.0.1:1", { credentials: insecure() });
    assert.ok(openServers().includes(server) && openChannels().includes(channel));
    await Promise.all([server.close(), channel.close()]);
    assert.equal(server.describe().state, "closed");
    assert.ok(!openServers().includes(server) && !openChannels().includes(channel));
  });

  it("count calls within the process among the server's", async () => {
    await using server = createServer();
    server.addPartial(EchoService, { unary: () => ({}) });
    const echo = createClient(EchoService, server.inProcess());
    await echo.unary({});
    await failureOf(echo.serverStream({ count: 1 })[Symbol.asyncIterator]().next(), StatusCode.UNIMPLEMENTED);
    const { calls, runningCalls } = server.describe();
    assert.deepEqual([calls.started, calls.succeeded, calls.failed, runningCalls], [1, 1, 0, 0]);
  });
});
