import assert from "node:assert/strict";
import type { ChannelOptions } from "../../src/channel/channel-options.js";
import { createChannel } from "../../src/channel/create-channel.js";
import { insecure } from "../../src/credentials/channel-credentials.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { StatusError } from "../../src/rpc/status-error.js";
import { createServer } from "../../src/server/server.js";
import { createClient } from "../../src/stub/client.js";
import { collect } from "../e2e/loopback.js";
import { EchoService, type EchoServiceHandlers } from "../gen/godwit/testing/v1/echo_godwit.js";
import { RecordingStats } from "../support/recording-stats.js";
import { VirtualPair } from "./virtual-pair.js";

/** A pair whose both sides are written down in one log. */
async function open(
  handlers: Partial<EchoServiceHandlers>,
  options: { channel?: ChannelOptions; latencyMs?: number } = {},
): Promise<{ pair: VirtualPair; stats: RecordingStats }> {
  const stats = new RecordingStats();
  const { latencyMs } = options;
  const pair = await VirtualPair.open(handlers, {
    channel: { ...options.channel, stats },
    server: { stats },
    ...(latencyMs !== undefined && { world: { latencyMs } }),
  });
  return { pair, stats };
}

function codeOf(call: Promise<unknown>): Promise<StatusCode> {
  return call.then(
    () => StatusCode.OK,
    (error: unknown) => (error instanceof StatusError ? error.code : assert.fail(String(error))),
  );
}

function failing(code: StatusCode, times: number): EchoServiceHandlers["unary"] {
  let left = times;
  return ({ payload }) => {
    if (left-- > 0) throw new StatusError(code, "not now");
    return { payload };
  };
}

const retry = {
  maxAttempts: 3,
  initialBackoffMs: 100,
  maxBackoffMs: 100,
  backoffMultiplier: 1,
  retryableStatusCodes: [StatusCode.UNAVAILABLE],
};

describe("stats of a channel and a server", () => {
  it("tell of a unary call on both sides, in order", async () => {
    const { pair, stats } = await open({ unary: ({ payload }) => ({ payload }) });
    const call = pair.echo.unary({ payload: new Uint8Array(100) });
    await pair.platform.advanceAsync(10);
    await call;
    assert.deepEqual(stats.log, [
      "client call Unary of ipv4:10.0.0.1:443",
      "attempt first 0",
      "sent 0: 102",
      "server call Unary from ipv4:10.0.0.1",
      "server received 0: 102",
      "server sent 0: 102",
      "server call ended OK",
      "headers",
      "received 0: 102",
      "attempt ended OK",
      "client call ended OK",
    ]);
    await pair.close();
  });

  it("tell of a compressed message what it was before and after", async () => {
    const { pair, stats } = await open({ unary: () => ({}) });
    const call = pair.echo.unary({ payload: new Uint8Array(1000) }, { compression: "gzip" });
    await pair.platform.advanceAsync(10);
    await call;
    assert.deepEqual(
      stats.log.filter((line) => line.includes("1003")),
      ["sent 0: 1003 as fewer", "server received 0: 1003 as fewer"],
    );
    await pair.close();
  });

  it("tell of a retry: two attempts, with the wait between them", async () => {
    const { pair, stats } = await open({ unary: failing(StatusCode.UNAVAILABLE, 1) });
    const call = pair.echo.unary({}, { retry });
    await pair.platform.advanceAsync(500);
    await call;
    const delays = stats.log.filter((line) => line.startsWith("retry delay"));
    assert.equal(delays.length, 1);
    assert.deepEqual(
      stats.log.filter((line) => line.startsWith("attempt") || line.startsWith("client call ended")),
      ["attempt first 0", "attempt ended UNAVAILABLE", "attempt retry 1", "attempt ended OK", "client call ended OK"],
    );
    await pair.close();
  });

  it("tell of a hedge that lost as cancelled, on both sides", async () => {
    let calls = 0;
    const { pair, stats } = await open({
      async *serverStream() {
        if (calls++ === 0) await new Promise(() => undefined);
        yield {};
      },
    });
    const hedging = { maxAttempts: 2, delayMs: 20, maxExtraLoad: Number.POSITIVE_INFINITY };
    const call = collect(pair.echo.serverStream({}, { hedging }));
    await pair.platform.advanceAsync(100);
    assert.equal((await call).length, 1);
    assert.deepEqual(
      stats.log.filter((line) => line.includes("attempt")),
      ["attempt first 0", "attempt hedge 1", "attempt ended CANCELLED", "attempt ended OK"],
    );
    assert.deepEqual(stats.log.filter((line) => line.startsWith("server call ended")).sort(), [
      "server call ended CANCELLED",
      "server call ended OK",
    ]);
    await pair.close();
  });

  it("tell of a deadline, a cancellation and an error what the caller reads", async () => {
    const { pair, stats } = await open({
      unary: ({ id }) => {
        if (id === "1") throw new StatusError(StatusCode.NOT_FOUND, "none");
        return new Promise(() => undefined);
      },
    });
    const aborter = new AbortController();
    const calls = [
      codeOf(pair.echo.unary({ id: "1" })),
      codeOf(pair.echo.unary({ id: "2" }, { timeoutMs: 50 })),
      codeOf(pair.echo.unary({ id: "3" }, { signal: aborter.signal })),
    ];
    await pair.platform.advanceAsync(20);
    aborter.abort();
    await pair.platform.advanceAsync(100);
    const codes = await Promise.all(calls);
    assert.deepEqual(codes, [StatusCode.NOT_FOUND, StatusCode.DEADLINE_EXCEEDED, StatusCode.CANCELLED]);
    const ends = stats.log.filter((line) => line.includes("call ended")).sort();
    assert.deepEqual(ends, [
      "client call ended CANCELLED",
      "client call ended DEADLINE_EXCEEDED",
      "client call ended NOT_FOUND",
      "server call ended CANCELLED",
      "server call ended DEADLINE_EXCEEDED",
      "server call ended NOT_FOUND",
    ]);
    await pair.close();
  });

  it("tell how long a call waited for its channel's first configuration and for a connection", async () => {
    const stats = new RecordingStats();
    const pair = await VirtualPair.open({ unary: () => ({}) }, { world: { latencyMs: 5 } });
    const channel = createChannel("ipv4:10.0.0.1:443", {
      platform: pair.platform,
      credentials: insecure(),
      shareConnections: false,
      stats,
    });
    const call = createClient(EchoService, channel).unary({});
    await pair.platform.advanceAsync(100);
    await call;
    assert.deepEqual(stats.log.slice(0, 4), [
      "client call Unary of ipv4:10.0.0.1:443",
      "resolved after 0 ms",
      "attempt first 0",
      "waited 15 ms for a connection",
    ]);
    await Promise.all([channel.close(), pair.platform.advanceAsync(100)]);
    await pair.close();
  });

  it("tell of a call that ends before it starts", async () => {
    const { pair, stats } = await open({});
    assert.equal(await codeOf(pair.echo.unary({}, { timeoutMs: 0 })), StatusCode.DEADLINE_EXCEEDED);
    assert.deepEqual(stats.log, ["client call Unary of ipv4:10.0.0.1:443", "client call ended DEADLINE_EXCEEDED"]);
    await pair.close();
  });

  it("tell of a method that the server does not have", async () => {
    const { pair, stats } = await open({});
    const call = codeOf(pair.echo.unary({}));
    await pair.platform.advanceAsync(10);
    assert.equal(await call, StatusCode.UNIMPLEMENTED);
    assert.ok(stats.log.includes("server call ended UNIMPLEMENTED"), stats.log.join("\n"));
    await pair.close();
  });

  it("send what a listener adds with each attempt", async () => {
    const seen: (string | undefined)[] = [];
    const { pair, stats } = await open({
      unary: (_request, { metadata }) => {
        seen.push(`${metadata.get("trace")} ${metadata.get("own")}`);
        if (seen.length === 1) throw new StatusError(StatusCode.UNAVAILABLE, "again");
        return {};
      },
    });
    stats.added = { trace: "t1" };
    const call = pair.echo.unary({}, { retry, metadata: { own: "o" } });
    await pair.platform.advanceAsync(500);
    await call;
    assert.deepEqual(seen, ["t1 o", "t1 o"]);
    await pair.close();
  });

  it("tell on whose behalf a handler calls", async () => {
    const { pair, stats } = await open({
      unary: async ({ id }, context) => (id === "0" ? pair.echo.unary({ id: "1" }, { context }) : { id }),
    });
    const call = pair.echo.unary({ id: "0" });
    await pair.platform.advanceAsync(20);
    await call;
    assert.deepEqual(stats.parents, [[], stats.servers.slice(0, 1)]);
    await pair.close();
  });

  it("tell several sinks the same, with the listeners of all as parents", async () => {
    const [first, second] = [new RecordingStats(), new RecordingStats()];
    first.added = { trace: "1" };
    second.added = { trace: "2" };
    const seen: unknown[] = [];
    const stats = [first, second];
    const pair = await VirtualPair.open(
      {
        unary: async ({ id }, context) => {
          seen.push([...context.metadata.getAll("trace")]);
          return id === "0" ? pair.echo.unary({ id: "1" }, { context }) : { id };
        },
      },
      { channel: { stats }, server: { stats } },
    );
    const call = pair.echo.unary({ id: "0" });
    await pair.platform.advanceAsync(20);
    await call;
    assert.deepEqual(first.log, second.log);
    assert.deepEqual(first.parents, [[], [first.servers[0], second.servers[0]]]);
    assert.deepEqual(seen, [
      ["1", "2"],
      ["1", "2"],
    ]);
    await pair.close();
  });

  it("are refused where they are no sinks", () => {
    const wrong = "prometheus" as never;
    assert.throws(
      () => createServer({ stats: wrong }),
      /^TypeError: stats is a string: expected a StatsSink or a list of them$/,
    );
    assert.throws(() => createServer({ stats: [{}, null as never] }), /^TypeError: stats is null: expected/);
  });

  it("that throw change nothing, and are told of once", async () => {
    const broken = (): never => {
      throw new Error("broken");
    };
    const pair = await VirtualPair.open(
      { unary: ({ payload }) => ({ payload }) },
      {
        channel: {
          stats: {
            onClientCall: () => ({
              onAttempt: () => ({ metadata: broken, onMessageSent: broken, onEnd: broken }),
              onEnd: broken,
            }),
            onConnection: broken,
          },
        },
        server: { stats: { onServerCall: () => ({ run: broken, onMessageReceived: broken, onEnd: broken }) } },
      },
    );
    const call = pair.echo.unary({ payload: new Uint8Array(3) });
    await pair.platform.advanceAsync(10);
    assert.equal((await call).payload.length, 3);
    assert.deepEqual(pair.platform.warnings, [
      "a listener given as `stats` threw, and may count wrongly from now on: broken",
      "a listener given as `stats` threw, and may count wrongly from now on: broken",
    ]);
    await pair.close();
  });

  it("tell of calls within a process, whose messages have no bytes", async () => {
    const stats = new RecordingStats();
    const server = createServer({ stats }).addPartial(EchoService, { unary: () => ({}) });
    await createClient(EchoService, server.inProcess()).unary({});
    assert.deepEqual(stats.log, [
      "server call Unary from inproc:server",
      "server received 0: 0",
      "server sent 0: 0",
      "server call ended OK",
    ]);
    await server.close();
  });
});
