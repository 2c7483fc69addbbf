import assert from "node:assert/strict";
import { OK } from "../../../src/rpc/status.js";
import { StatusCode } from "../../../src/rpc/status-code.js";
import { resolveUpkeep } from "../../../src/server/connections/connection-options.js";
import type { ServerOptions } from "../../../src/server/server-options.js";
import { frames, frameType } from "../../support/frames.js";
import { answer, request, ServerFixture, type ServerFixtureOptions, trailersOnly } from "../server-fixture.js";
import { framed } from "../text-method.js";

const hour = 3_600_000;
const drainAck = frames.pingAck(Buffer.from("godwit\u0000\u0001", "latin1"));
const keepaliveAck = frames.pingAck(Buffer.from("godwit\u0000\u0002", "latin1"));

/** A server's connection with these options; all else as a server has it. */
function fixtureOf(options: ServerOptions = {}, more: ServerFixtureOptions = {}): ServerFixture {
  const fixture = new ServerFixture({ upkeep: resolveUpkeep(options), ...more });
  fixture.client.take();
  return fixture;
}

/** The debug data of the GOAWAY that came last. */
function lastDebug({ client }: ServerFixture): string | undefined {
  const goAway = client.take().findLast(({ type }) => type === frameType.GOAWAY);
  return goAway?.payload.subarray(8).toString("latin1");
}

describe("server upkeep", () => {
  describe("keepalive", () => {
    it("asks after two hours by default, and lets a client be that answers", () => {
      const { client, platform, closed } = fixtureOf();
      platform.advance(2 * hour - 1);
      assert.deepEqual(client.sent(), []);
      platform.advance(1);
      assert.deepEqual(client.sent(), ["PING godwit\u0000\u0002"]);
      client.send(keepaliveAck);
      platform.advance(2 * hour - 1);
      assert.deepEqual(client.sent(), []);
      platform.advance(1);
      assert.deepEqual(client.sent(), ["PING godwit\u0000\u0002"]);
      assert.deepEqual(closed, []);
    });

    it("ends the connection of a client that does not answer within 20 s, and its calls", () => {
      const fixture = fixtureOf();
      const { client, platform, handlers } = fixture;
      client.send(request(1));
      platform.advance(2 * hour + 19_999);
      assert.deepEqual(client.sent(), ["PING godwit\u0000\u0002"]);
      platform.advance(1);
      const sentence = "the client said nothing for 7200000 ms and did not answer a PING within 20000 ms (keepalive)";
      assert.deepEqual(handlers.call.cancels, [
        { code: StatusCode.CANCELLED, message: `the connection to the client was lost: ${sentence}` },
      ]);
      assert.deepEqual(client.sent(), ["GOAWAY 1 NO_ERROR"]);
      platform.advance(1000);
      assert.deepEqual(fixture.closed, [sentence]);
      assert.equal(fixture.faults[0], undefined);
      client.end();
      platform.assertQuiet();
    });

    it("measures from the last byte, and one timer serves a connection however much it brings", () => {
      const { client, platform } = fixtureOf({ keepalive: { timeMs: 1000, timeoutMs: 100 } });
      for (let i = 0; i < 20; i++) {
        platform.advance(500);
        client.send(request(2 * i + 1).endStream());
        assert.equal(platform.timers, 1);
      }
      assert.ok(!client.sent().includes("PING godwit\u0000\u0002"));
      platform.advance(999);
      assert.deepEqual(client.sent(), []);
      platform.advance(1);
      assert.deepEqual(client.sent(), ["PING godwit\u0000\u0002"]);
    });

    it("leaves no timer with every time at Infinity", () => {
      const { platform } = fixtureOf({ keepalive: { timeMs: Number.POSITIVE_INFINITY } });
      platform.advance(2000);
      assert.equal(platform.timers, 0);
    });

    it("does not mistake its PING for that of a drain", () => {
      const { client, platform, transport } = fixtureOf({ keepalive: { timeMs: 1000 } });
      platform.advance(1000);
      transport.drain();
      assert.deepEqual(client.sent(), [
        "PING godwit\u0000\u0002",
        "GOAWAY 2147483647 NO_ERROR",
        "PING godwit\u0000\u0001",
      ]);
      client.send(keepaliveAck);
      assert.deepEqual(client.sent(), []);
      client.send(drainAck);
      assert.deepEqual(client.sent(), ["GOAWAY 0 NO_ERROR", "GOAWAY 0 NO_ERROR"]);
    });
  });

  describe("the client's PINGs", () => {
    it("are answered, and the fourth early one ends the connection with too_many_pings", () => {
      const fixture = fixtureOf();
      const { client, closed, faults } = fixture;
      client.send(request(1));
      for (let i = 0; i < 3; i++) client.send(frames.ping());
      assert.deepEqual(client.sent(), ["PING ACK 12345678", "PING ACK 12345678", "PING ACK 12345678"]);
      client.send(frames.ping());
      assert.equal(lastDebug(fixture), "too_many_pings");
      client.end();
      const sentence =
        "the client sends PINGs more often than every 300000 ms with calls (keepalive.minPingIntervalMs)";
      assert.deepEqual(closed, [sentence]);
      assert.equal(faults[0]?.message, sentence);
      assert.equal(fixture.handlers.call.cancels.length, 1);
    });

    it("are counted in one chunk as in several, and what came with them is not started", () => {
      const fixture = fixtureOf();
      fixture.client.send(frames.ping(), frames.ping(), frames.ping(), frames.ping(), request(1).endStream());
      const goAways = fixture.client.take().filter(({ type }) => type === frameType.GOAWAY);
      assert.equal(goAways.length, 1);
      assert.equal(fixture.handlers.calls.length, 0);
      fixture.client.end();
      fixture.platform.assertQuiet();
    });

    it("are as many as the client likes among what is sent to it: grpc-go measures bandwidth so", () => {
      const { client, handlers, closed } = fixtureOf();
      client.send(request(1), frames.data(1, framed("q")).endStream());
      for (let i = 0; i < 1000; i++) {
        answer(handlers.call, "a");
        client.take();
        client.send(frames.ping(), frames.ping());
      }
      assert.deepEqual(closed, []);
      assert.ok(!client.take().some(({ type }) => type === frameType.GOAWAY));
    });

    it("may come every five minutes with a call and every two hours without one", () => {
      const { client, platform, closed } = fixtureOf();
      for (let i = 0; i < 10; i++) {
        client.send(frames.ping());
        platform.advance(2 * hour);
        client.send(keepaliveAck);
      }
      client.send(request(1));
      for (let i = 0; i < 10; i++) {
        client.send(frames.ping());
        platform.advance(300_000);
      }
      assert.deepEqual(closed, []);
    });

    it("may come as often as the options say", () => {
      const { client, platform, closed } = fixtureOf({
        keepalive: { minPingIntervalMs: 10_000, permitWithoutCalls: true },
      });
      for (let i = 0; i < 100; i++) {
        client.send(frames.ping());
        platform.advance(10_000);
      }
      assert.deepEqual(closed, []);
    });

    it("are a flood in the end, whatever the options say", () => {
      const { client, closed } = fixtureOf({ keepalive: { minPingIntervalMs: 0, permitWithoutCalls: true } });
      for (let i = 0; i < 1001; i++) client.send(frames.ping());
      client.end();
      assert.deepEqual(closed, ["more than 1000 PING frames came without HEADERS or DATA (maxPings)"]);
    });
  });

  describe("connection age", () => {
    it("sends a client away that has made no call, in two steps and with max_idle", () => {
      const fixture = fixtureOf({ connectionAge: { maxConnectionIdleMs: 60_000 } });
      const { client, platform, closed } = fixture;
      platform.advance(60_000);
      const [goAway, ping] = client.take();
      assert.equal(goAway?.payload.toString("latin1"), "\u007f\u00ff\u00ff\u00ff\u0000\u0000\u0000\u0000max_idle");
      assert.equal(ping?.type, frameType.PING);
      client.send(drainAck);
      client.end();
      assert.deepEqual(closed, ["the connection was drained"]);
      platform.assertQuiet();
    });

    it("serves a call that was on its way to a connection that is idle", () => {
      const { client, platform, handlers } = fixtureOf({ connectionAge: { maxConnectionIdleMs: 60_000 } });
      platform.advance(60_000);
      client.send(request(1).endStream());
      client.send(drainAck);
      client.take();
      handlers.call.sink.onStatus(OK);
      assert.deepEqual(client.sentOfCalls(), [`${trailersOnly}, grpc-status: 0`, "GOAWAY 1 NO_ERROR"]);
    });

    it("is not idle while a call runs, and is so long after it", () => {
      const { client, platform, handlers } = fixtureOf({ connectionAge: { maxConnectionIdleMs: 60_000 } });
      client.send(request(1).endStream());
      platform.advance(100_000);
      handlers.call.sink.onStatus(OK);
      client.take();
      platform.advance(59_999);
      assert.deepEqual(client.sent(), []);
      platform.advance(1);
      assert.equal(client.sent()[0], "GOAWAY 2147483647 NO_ERROR");
    });

    it("sends an old client away within a tenth of its age, and lets its calls end", () => {
      const { client, platform, handlers, closed } = fixtureOf({ connectionAge: { maxConnectionAgeMs: 100_000 } });
      client.send(request(1));
      platform.advance(89_999);
      assert.deepEqual(client.sent(), []);
      platform.advance(20_001);
      assert.deepEqual(client.sent(), ["GOAWAY 2147483647 NO_ERROR", "PING godwit\u0000\u0001"]);
      client.send(drainAck);
      platform.advance(hour);
      assert.deepEqual(client.sent(), ["GOAWAY 1 NO_ERROR"]);
      handlers.call.sink.onStatus(OK);
      client.take();
      client.end();
      assert.deepEqual(closed, ["the connection was drained"]);
      platform.assertQuiet();
    });

    it("spreads the ages of connections that came together", () => {
      const ages = Array.from({ length: 20 }, (_, seed) => {
        const { client, platform } = fixtureOf({ connectionAge: { maxConnectionAgeMs: 100_000 } });
        for (let i = 0; i < seed; i++) platform.random();
        const { platform: own, client: peer } = fixtureOf(
          { connectionAge: { maxConnectionAgeMs: 100_000 } },
          { platform },
        );
        assert.notEqual(peer, client);
        const begin = own.now();
        while (!peer.sent().some((frame) => frame.startsWith("GOAWAY"))) own.advance(100);
        return own.now() - begin;
      });
      for (const age of ages) assert.ok(age >= 90_000 && age <= 110_100, String(age));
      assert.ok(Math.max(...ages) - Math.min(...ages) > 10_000, ages.join());
    });

    it("ends calls that outlast the grace, which begins when the client knows", () => {
      const { client, platform, handlers, closed } = fixtureOf({
        connectionAge: { maxConnectionAgeMs: 100_000, maxConnectionAgeGraceMs: 5000 },
      });
      client.send(request(1));
      platform.advance(115_000);
      client.take();
      client.send(drainAck);
      platform.advance(4999);
      assert.equal(handlers.call.cancels.length, 0);
      platform.advance(1);
      const message = "the connection had to be left, and the grace of 5000 ms for its calls is over";
      assert.deepEqual(handlers.call.cancels, [{ code: StatusCode.UNAVAILABLE, message }]);
      assert.ok(client.sent().some((frame) => frame.includes("grpc-status: 14")));
      client.end();
      assert.deepEqual(closed, [message]);
      platform.assertQuiet();
    });

    it("gives a client that does not answer the PING its grace, too", () => {
      const { client, platform, handlers } = fixtureOf({
        connectionAge: { maxConnectionAgeMs: 100_000, maxConnectionAgeGraceMs: 5000 },
      });
      client.send(request(1));
      // At most a tenth late, 20 s for the answer, and the grace.
      platform.advance(110_000 + 20_000 + 5000);
      assert.equal(handlers.call.cancels.length, 1);
    });

    it("keeps out of the drain of a server that closes", () => {
      const { client, platform, transport, handlers } = fixtureOf({
        connectionAge: { maxConnectionAgeMs: 1000, maxConnectionIdleMs: 500, maxConnectionAgeGraceMs: 10 },
      });
      client.send(request(1));
      transport.drain();
      client.send(drainAck);
      platform.advance(100_000);
      assert.equal(handlers.call.cancels.length, 0);
    });
  });
});
