import assert from "node:assert/strict";
import { ErrorCode } from "../../src/http2/error-code.js";
import { Metadata } from "../../src/rpc/metadata.js";
import type { Status } from "../../src/rpc/status.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { frames, frameType, settingId } from "../support/frames.js";
import { ClientFixture, inertActs, outcome } from "./client-fixture.js";
import { framed, text } from "./text-method.js";

const cancelled: Status = { code: StatusCode.CANCELLED, message: "enough" };
const ok = ["grpc-status", "0"] as const;
const grpc = ["content-type", "application/grpc"] as const;

describe("client transport", () => {
  describe("the request's headers", () => {
    it("come in the order of PROTOCOL-HTTP2, what differs from call to call last", () => {
      const { server, platform, call } = bound(new ClientFixture());
      const metadata = new Metadata({ "x-tenant": "blue", "trace-bin": Uint8Array.of(1, 2) });
      metadata.append("x-tenant", "green");
      call({ metadata, deadline: platform.now() + 2500, previousAttempts: 2 });
      const [headers] = server.take();
      assert.deepEqual(headers?.fields, [
        ...[":method", "POST", ":scheme", "http", ":path", "/test.v1.Text/Talk", ":authority", "shop.test"],
        ...["te", "trailers", "content-type", "application/grpc", "grpc-accept-encoding", "gzip"],
        ...["user-agent", "test-agent/1", "grpc-timeout", "2500m", "grpc-previous-rpc-attempts", "2"],
        ...["x-tenant", "blue", "trace-bin", "AQI", "x-tenant", "green"],
      ]);
    });

    it("say what remains of the deadline when the call starts here", () => {
      const { server, platform, call } = bound(new ClientFixture());
      const deadline = platform.now() + 1000;
      platform.advance(999);
      call({ deadline });
      call({ deadline: platform.now() + 30 * 24 * 3_600_000 });
      assert.deepEqual(
        server.take().map(({ fields }) => fields.at(-1)),
        ["1000000n", "2592000S"],
      );
    });

    it("take few bytes from the second call on", () => {
      const { server, platform, call } = bound(new ClientFixture());
      call({ deadline: platform.now() + 100 });
      const [first] = server.take();
      call({ deadline: platform.now() + 100 });
      const [second] = server.take();
      assert.deepEqual(second?.fields, first?.fields);
      assert.ok((first?.payload.length ?? 0) > 90, `first block is ${first?.payload.length} bytes`);
      assert.ok((second?.payload.length ?? 99) <= 20, `second block is ${second?.payload.length} bytes`);
    });

    it("name the call's own authority and encoding, for that call alone", () => {
      const { server, call } = bound(new ClientFixture());
      const fields = (): Map<string, string> => {
        const [frame] = server.take();
        return new Map(frame?.fields.flatMap((name, i) => (i % 2 === 0 ? [[name, frame.fields[i + 1] ?? ""]] : [])));
      };
      call({ authority: "other.test" }, { compression: "gzip" });
      const special = fields();
      call({}, { compression: "identity" });
      const plain = fields();
      assert.deepEqual([special.get(":authority"), special.get("grpc-encoding")], ["other.test", "gzip"]);
      assert.deepEqual([plain.get(":authority"), plain.get("grpc-encoding")], ["shop.test", undefined]);
    });

    it("are refused above the server's limit, before anything is sent", () => {
      const fixture = new ClientFixture({ settings: [settingId.MAX_HEADER_LIST_SIZE, 600] });
      const large = fixture.call({ metadata: new Metadata({ large: "x".repeat(300) }) });
      const small = fixture.call({ metadata: new Metadata({ small: "x".repeat(10) }) });
      assert.match(
        outcome(large) ?? "",
        /^RESOURCE_EXHAUSTED: header list of the request is \d{3} bytes, the server's limit is 600 \(not-sent\)$/,
      );
      assert.deepEqual(
        fixture.server.take().map(({ type, streamId }) => [type, streamId]),
        [[frameType.HEADERS, 1]],
      );
      assert.equal(small.response.status, undefined);
      assert.equal(fixture.transport.streamSlots(), Number.POSITIVE_INFINITY);
    });

    it("are not sent for an encoding that nobody knows", () => {
      const fixture = new ClientFixture();
      const call = fixture.call({}, { compression: "snappy" });
      assert.equal(
        outcome(call),
        'INTERNAL: cannot call /test.v1.Text/Talk: compression "snappy" is not known, expected identity, gzip (not-sent)',
      );
      assert.deepEqual(fixture.server.sent(), []);
      for (const act of inertActs(call.stream)) act();
      assert.deepEqual(fixture.server.sent(), []);
    });
  });

  describe("readiness", () => {
    it("comes with the server's SETTINGS, once", () => {
      const fixture = new ClientFixture({ settings: undefined });
      const { server, heard, transport } = fixture;
      assert.deepEqual(server.sent(), ["SETTINGS", "WINDOW_UPDATE 0 +4128769"]);
      assert.equal(transport.streamSlots(), 0);
      assert.equal(outcome(fixture.call()), "UNAVAILABLE: the connection takes no more calls (not-sent)");
      assert.deepEqual(heard, []);
      server.send(frames.settings(settingId.MAX_CONCURRENT_STREAMS, 7));
      assert.deepEqual(heard, ["ready", "slots"]);
      assert.equal(transport.streamSlots(), 7);
      server.send(frames.settings(settingId.MAX_CONCURRENT_STREAMS, 8));
      assert.deepEqual(heard, ["ready", "slots"]);
      assert.equal(transport.streamSlots(), 8);
    });

    it("never comes from a server that speaks HTTP/1.1", () => {
      const { server, heard, platform } = new ClientFixture({ settings: undefined });
      server.send(Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"));
      server.end();
      assert.deepEqual(heard.at(-1), "closed the server speaks HTTP/1.1, HTTP/2 was expected");
      assert.ok(!heard.includes("ready"));
      platform.advance(60_000);
      platform.assertQuiet();
    });
  });

  describe("slots", () => {
    it("are as many as the server allows, and are told of when there are some again", () => {
      const fixture = new ClientFixture({ settings: [settingId.MAX_CONCURRENT_STREAMS, 2] });
      const { server, transport, heard } = fixture;
      const first = fixture.openCall();
      const second = fixture.openCall();
      assert.equal(transport.streamSlots(), 0);
      const third = fixture.call();
      assert.equal(outcome(third), "UNAVAILABLE: the connection takes no more calls (not-sent)");
      first.stream.finish();
      server.send(
        frames
          .headers(1)
          .response(200, ...grpc, ...ok)
          .endStream(),
      );
      assert.equal(first.response.status?.code, StatusCode.OK);
      assert.deepEqual(heard, ["slots"]);
      assert.equal(transport.streamSlots(), 1);
      second.stream.cancel(cancelled);
      server.take();
      assert.equal(transport.streamSlots(), 2);
      assert.deepEqual(heard, ["slots"], "nobody had asked in vain since the last time");
    });

    it("come back when a call is cancelled, reset, or the limit rises", () => {
      const fixture = new ClientFixture({ settings: [settingId.MAX_CONCURRENT_STREAMS, 1] });
      const { server, transport, heard } = fixture;
      const events: [string, () => void][] = [
        ["cancel", () => void first.stream.cancel(cancelled)],
        ["reset", () => server.send(frames.rst(3, ErrorCode.CANCEL))],
        ["limit", () => server.send(frames.settings(settingId.MAX_CONCURRENT_STREAMS, 2))],
      ];
      let first = fixture.openCall();
      for (const [name, act] of events) {
        assert.equal(transport.streamSlots(), 0, name);
        heard.length = 0;
        act();
        fixture.platform.runTurns();
        assert.deepEqual(heard, ["slots"], name);
        assert.equal(transport.streamSlots(), 1, name);
        first = fixture.openCall();
      }
    });
  });

  describe("drain", () => {
    it("takes no more calls, and closes when the running ones have ended", () => {
      const fixture = new ClientFixture();
      const { server, heard, transport } = fixture;
      const call = fixture.openCall();
      transport.drain();
      transport.drain();
      assert.equal(transport.streamSlots(), 0);
      assert.deepEqual(server.sentOfCalls(), ["GOAWAY 0 NO_ERROR"]);
      assert.equal(server.ended, false);
      assert.equal(outcome(fixture.call()), "UNAVAILABLE: the connection takes no more calls (not-sent)");
      call.stream.finish();
      server.send(
        frames
          .headers(1)
          .response(200, ...grpc, ...ok)
          .endStream(),
      );
      assert.equal(call.response.status?.code, StatusCode.OK);
      assert.ok(server.ended);
      server.end();
      assert.deepEqual(heard, ["closed the connection was drained"]);
    });

    it("of an idle connection closes it", () => {
      const { server, heard, transport, platform } = new ClientFixture();
      transport.drain();
      platform.runTurns();
      assert.ok(server.ended);
      server.end();
      assert.deepEqual(heard, ["closed the connection was drained"]);
      platform.assertQuiet();
    });
  });

  describe("close", () => {
    it("ends every call with the given status, tells the server, and closes", () => {
      const fixture = new ClientFixture();
      const { server, heard, transport, platform } = fixture;
      const calls = [fixture.openCall(), fixture.openCall()];
      const status: Status = { code: StatusCode.CANCELLED, message: "channel closed" };
      transport.close(status);
      transport.close({ code: StatusCode.INTERNAL, message: "second" });
      for (const call of calls) assert.equal(outcome(call), "CANCELLED: channel closed (unknown)");
      assert.equal(transport.streamSlots(), 0);
      assert.deepEqual(server.sent().sort(), ["GOAWAY 0 NO_ERROR", "RST_STREAM 1 CANCEL", "RST_STREAM 3 CANCEL"]);
      assert.ok(server.ended);
      server.end();
      assert.deepEqual(heard, ["closed channel closed"]);
      platform.assertQuiet();
    });

    it("does not wait for a server that does not close its end", () => {
      const { server, heard, transport, platform } = new ClientFixture();
      transport.close(cancelled);
      platform.advance(999);
      assert.deepEqual(heard, []);
      assert.equal(platform.holdingTimers, 1, "whoever awaits the end finds the process alive");
      platform.advance(1);
      assert.deepEqual(heard, ["closed enough"]);
      platform.runTurns();
      assert.equal(server.closes, 0);
      server.end();
      platform.assertQuiet();
    });

    it("before the server's SETTINGS says goodbye to whoever is there", () => {
      const { server, heard, transport, platform } = new ClientFixture({ settings: undefined });
      transport.close(cancelled);
      assert.ok(server.sent().includes("GOAWAY 0 NO_ERROR"));
      server.end();
      assert.deepEqual(heard, ["closed enough"]);
      platform.assertQuiet();
    });

    it("does not wait for a server that does not read", () => {
      const { server, heard, transport, platform, link } = new ClientFixture();
      link.freeze();
      transport.close(cancelled);
      platform.advance(1000);
      assert.deepEqual(heard, ["closed enough"]);
      link.thaw();
      platform.runTurns();
      assert.ok(server.ended);
      server.end();
      platform.assertQuiet();
    });
  });

  it("holds the process while it connects and while calls run, and not between", () => {
    const fixture = new ClientFixture({ settings: undefined });
    const { server, link, platform } = fixture;
    const held = (): boolean => {
      platform.runTurns();
      return link.client.held;
    };
    assert.equal(held(), true);
    server.send(frames.settings());
    assert.equal(held(), false);
    const call = fixture.call();
    assert.equal(held(), true);
    server.send(
      frames.headers(1).response(200, ...grpc),
      frames.data(1, framed("a")),
      frames
        .headers(1)
        .fields(...ok)
        .endStream(),
    );
    assert.equal(held(), true, "a message waits for the caller");
    call.stream.pull(2);
    assert.equal(held(), false);
    fixture.call().stream.cancel(cancelled);
    assert.equal(held(), false);
    assert.equal(platform.holdingTimers, 0);
  });

  it("does not hold the process for a call that nobody waits for", () => {
    const fixture = new ClientFixture();
    const { link, platform } = fixture;
    const held = (): boolean => {
      platform.runTurns();
      return link.client.held;
    };
    const background = fixture.call({ isBackground: true });
    assert.equal(held(), false);
    const call = fixture.call();
    assert.equal(held(), true);
    call.stream.cancel(cancelled);
    assert.equal(held(), false);
    background.stream.cancel(cancelled);
    fixture.call();
    assert.equal(held(), true);
  });

  it("serves a thousand calls at once", () => {
    const fixture = new ClientFixture();
    const calls = Array.from({ length: 1000 }, () => fixture.call());
    for (const { stream } of calls) {
      stream.pull(1);
      stream.send(text("q"), true);
    }
    const opened = fixture.server.take().filter(({ type }) => type === frameType.HEADERS);
    assert.equal(opened.length, 1000);
    for (let id = 1999; id > 0; id -= 2) {
      fixture.server.send(
        frames.headers(id).response(200, ...grpc),
        frames.data(id, framed(String(id))),
        frames
          .headers(id)
          .fields(...ok)
          .endStream(),
      );
    }
    for (const [i, { response }] of calls.entries()) {
      assert.deepEqual(response.events, ["headers", `message ${2 * i + 1}`, "status OK"]);
    }
  });
});

function bound(fixture: ClientFixture) {
  return { server: fixture.server, platform: fixture.platform, call: fixture.call.bind(fixture) };
}
