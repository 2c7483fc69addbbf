import assert from "node:assert/strict";
import { ErrorCode } from "../../src/http2/error-code.js";
import { OK } from "../../src/rpc/status.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { clientPreface, frames, frameType, settingId } from "../support/frames.js";
import { clientPeer, request, requestTo, ServerFixture, trailersOnly } from "./server-fixture.js";
import { framed, text } from "./text-method.js";

describe("server transport", () => {
  describe("the start of a connection", () => {
    it("says SETTINGS before anything has come", () => {
      const { client } = new ServerFixture({ settings: undefined });
      const [settings, windowUpdate] = client.take();
      assert.equal(settings?.type, frameType.SETTINGS);
      assert.equal(windowUpdate?.type, frameType.WINDOW_UPDATE);
    });

    it("has a limit of time", () => {
      const { client, closed, platform } = new ServerFixture({
        settings: undefined,
        limits: { handshakeTimeoutMs: 500 },
      });
      client.take();
      platform.advance(499);
      assert.deepEqual(client.sent(), []);
      platform.advance(1);
      assert.deepEqual(client.sent(), ["GOAWAY 0 SETTINGS_TIMEOUT"]);
      client.end();
      assert.deepEqual(closed, ["the peer's preface and SETTINGS did not come in time"]);
      platform.assertQuiet();
    });

    it("leaves no timer behind once the client has greeted and come to rest", () => {
      const { platform } = new ServerFixture();
      platform.advance(2000);
      assert.equal(platform.timers, 0);
    });

    it("tells a client of HTTP/1.1 from one that speaks TLS", () => {
      for (const [bytes, reason] of [
        [
          Buffer.from("GET / HTTP/1.1\r\nhost: x\r\n\r\n"),
          "the client speaks HTTP/1.1, this port speaks HTTP/2 (gRPC) only",
        ],
        [Buffer.from("16030102000100", "hex"), "the client speaks TLS, this port speaks plaintext HTTP/2"],
      ] as const) {
        const { client, closed, faults, platform } = new ServerFixture({ settings: undefined });
        client.send(bytes);
        assert.ok(client.ended);
        client.end();
        assert.deepEqual(closed, [reason]);
        assert.equal(faults[0]?.message, reason);
        platform.assertQuiet();
      }
    });
  });

  describe("refusals", () => {
    const refusals: readonly [string, Parameters<typeof request>, string][] = [
      [
        "a timeout that is none",
        [1, "grpc-timeout", "10"],
        `${trailersOnly}, grpc-status: 13, grpc-message: grpc-timeout is "10", expected 1 to 8 digits and one of H, M, S, m, u, n`,
      ],
      [
        "metadata that is not base64",
        [1, "x-bin", "%"],
        `${trailersOnly}, grpc-status: 13, grpc-message: metadata value of "x-bin" is not base64 (1 characters), expected the alphabet of RFC 4648 %C2%A74 with or without padding`,
      ],
      [
        "an encoding that nobody knows",
        [1, "grpc-encoding", "snappy"],
        `${trailersOnly}, grpc-accept-encoding: gzip, grpc-status: 12, grpc-message: grpc-encoding "snappy" is not supported, expected identity, gzip`,
      ],
    ];
    for (const [what, headers, expected] of refusals) {
      it(`answer ${what}, and no handler starts`, () => {
        const fixture = new ServerFixture();
        fixture.client.send(request(...headers));
        assert.deepEqual(fixture.client.sent(), [expected, "RST_STREAM 1 NO_ERROR"]);
        assert.equal(fixture.handlers.calls.length, 0);
        assert.equal(fixture.transport.activeCalls, 0);
      });
    }

    it("answer what is no gRPC with an HTTP status, for those who do not read grpc-status", () => {
      const fixture = new ServerFixture();
      fixture.client.send(
        frames.headers(1).request("/a/b", "content-type", "text/plain").endStream(),
        frames
          .headers(3)
          .fields(
            ":method",
            "GET",
            ":scheme",
            "http",
            ":path",
            "/a/b",
            ":authority",
            "x",
            "content-type",
            "application/grpc",
          )
          .endStream(),
        frames
          .headers(5)
          .fields(":method", "POST", ":scheme", "http", ":path", "/a/b", "content-type", "application/grpc")
          .endStream(),
      );
      assert.deepEqual(
        fixture.client.take().map(({ fields }) => fields.slice(0, 2).join(" ")),
        [":status 415", ":status 405", ":status 400"],
      );
    });

    it("answer another message format", () => {
      const fixture = new ServerFixture();
      fixture.client.send(
        frames.headers(1).request("/test.v1.Text/Talk", "content-type", "application/grpc+xml").endStream(),
      );
      assert.deepEqual(fixture.client.sent(), [
        `${trailersOnly}, grpc-accept-encoding: gzip, grpc-status: 12, grpc-message: content-type application/grpc+xml is not supported, expected application/grpc+proto or application/grpc+json`,
      ]);
    });

    it("answer a format that this server does not take", () => {
      const fixture = new ServerFixture({ messageFormats: ["proto"] });
      fixture.client.send(
        frames.headers(1).request("/test.v1.Text/Talk", "content-type", "application/grpc+json").endStream(),
      );
      assert.deepEqual(fixture.client.sent(), [
        `${trailersOnly}, grpc-accept-encoding: gzip, grpc-status: 12, grpc-message: content-type application/grpc+json is not supported, expected application/grpc+proto`,
      ]);
    });

    it("answer in the format that they were asked in", () => {
      const fixture = new ServerFixture();
      const json = "HEADERS 1 END_STREAM :status: 200, content-type: application/grpc+json";
      fixture.client.send(frames.headers(1).request("/none", "content-type", "application/grpc+json").endStream());
      assert.deepEqual(fixture.client.sent(), [`${json}, grpc-status: 12, grpc-message: no /none`]);
    });

    it("answer a path that nobody serves, as it stands", () => {
      for (const path of [
        "/test.v1.Text/talk",
        "//test.v1.Text/Talk",
        "/test.v1.Text/Talk?x",
        "/__proto__/constructor",
        "*",
      ]) {
        const fixture = new ServerFixture();
        fixture.client.send(requestTo(1, path).endStream());
        assert.deepEqual(fixture.client.sent(), [`${trailersOnly}, grpc-status: 12, grpc-message: no ${path}`]);
        assert.equal(fixture.handlers.calls.length, 0);
      }
    });

    it("give back the windows of what came with the request", () => {
      const fixture = new ServerFixture({ limits: { connectionWindowBytes: 65_535 } });
      fixture.client.send(request(1, "grpc-timeout", "x"), ...[1, 2, 3].map(() => frames.data(1, 16_384)));
      assert.equal(fixture.client.windows()[0], 2 * 16_384, "the third is not worth a frame yet");
    });
  });

  describe("dispatch", () => {
    it("brings what the request says to the handlers", () => {
      const fixture = new ServerFixture();
      const { platform } = fixture;
      fixture.client.send(
        request(1, "grpc-timeout", "250m", "grpc-previous-rpc-attempts", "2", "x-tenant", "blue", "trace-bin", "AQI"),
      );
      const { headers } = fixture.handlers.call;
      assert.equal(headers.method.path, "/test.v1.Text/Talk");
      assert.equal(headers.deadline, platform.now() + 250);
      assert.deepEqual(headers.peer, clientPeer);
      assert.equal(headers.authority, "test");
      assert.equal(headers.previousAttempts, 2);
      assert.deepEqual({ ...headers.metadata.toJSON() }, { "x-tenant": ["blue"], "trace-bin": ["AQI="] });
      assert.equal(fixture.transport.activeCalls, 1);
    });

    it("knows deadlines that are months away, and calls without one", () => {
      const fixture = new ServerFixture();
      const now = fixture.platform.now();
      fixture.client.send(request(1, "grpc-timeout", "720H"), request(3), request(5, "grpc-timeout", "99999999H"));
      assert.deepEqual(
        fixture.handlers.calls.map(({ headers }) => headers.deadline - now),
        [30 * 24 * 3_600_000, Number.POSITIVE_INFINITY, 99_999_999 * 3_600_000],
      );
    });

    it("happens at the end of what came together: a call that was reset at once never starts", () => {
      const fixture = new ServerFixture();
      fixture.client.send(
        request(1),
        frames.data(1, framed("x")),
        request(3).endStream(),
        frames.rst(1, ErrorCode.CANCEL),
      );
      assert.equal(fixture.handlers.calls.length, 1);
      assert.equal(fixture.transport.activeCalls, 1);
      assert.deepEqual(fixture.client.sentOfCalls(), []);
    });

    it("does not happen on a connection that broke HTTP/2 in the same breath", () => {
      const fixture = new ServerFixture();
      fixture.client.send(request(1).endStream(), frames.data(0, "x"));
      assert.equal(fixture.handlers.calls.length, 0);
      assert.deepEqual(fixture.client.sent(), ["GOAWAY 1 PROTOCOL_ERROR"]);
    });

    it("refuses more calls than the limit, and takes them again when others have ended", () => {
      const fixture = new ServerFixture({ limits: { maxConcurrentStreams: 2 } });
      fixture.client.send(...[1, 3, 5].map((id) => request(id).endStream()));
      assert.deepEqual(fixture.client.sent(), ["RST_STREAM 5 REFUSED_STREAM"]);
      fixture.handlers.calls[0]?.sink.onStatus(OK);
      fixture.client.send(request(7).endStream());
      assert.equal(fixture.handlers.calls.length, 3);
    });
  });

  describe("drain", () => {
    it("takes two steps, lets calls end, and then closes", () => {
      const fixture = new ServerFixture();
      const { client, transport, handlers, closed, platform } = fixture;
      client.send(request(1).endStream());
      transport.drain();
      transport.drain();
      assert.deepEqual(client.sent(), ["GOAWAY 2147483647 NO_ERROR", "PING godwit\u0000\u0001"]);
      // On its way when the client heard of it.
      client.send(request(3).endStream());
      assert.equal(handlers.calls.length, 2);
      client.send(frames.pingAck(Buffer.from("godwit\u0000\u0001", "latin1")));
      assert.deepEqual(client.sent(), ["GOAWAY 3 NO_ERROR"]);
      client.send(request(5).endStream());
      assert.equal(handlers.calls.length, 2);
      for (const call of handlers.calls) call.sink.onStatus(OK);
      assert.deepEqual(client.sentOfCalls(), [
        `${trailersOnly}, grpc-status: 0`,
        `${trailersOnly.replace(" 1 ", " 3 ")}, grpc-status: 0`,
        "GOAWAY 3 NO_ERROR",
      ]);
      assert.ok(client.ended);
      client.end();
      assert.deepEqual(closed, ["the connection was drained"]);
      platform.assertQuiet();
    });

    it("of an idle connection closes it when the client has answered", () => {
      const { client, transport, closed, platform } = new ServerFixture();
      transport.drain();
      platform.runTurns();
      assert.deepEqual(closed, []);
      client.send(frames.pingAck(Buffer.from("godwit\u0000\u0001", "latin1")));
      assert.ok(client.ended);
      client.end();
      assert.deepEqual(closed, ["the connection was drained"]);
      platform.assertQuiet();
    });

    it("does not wait for ever for a client that does not answer", () => {
      const { client, transport, platform } = new ServerFixture({ limits: { handshakeTimeoutMs: 500 } });
      transport.drain();
      platform.advance(500);
      assert.ok(client.ended);
      client.end();
      platform.assertQuiet();
    });

    it("waits until what was answered has left", () => {
      const fixture = new ServerFixture({ settings: [settingId.INITIAL_WINDOW_SIZE, 0] });
      const { client, transport, handlers } = fixture;
      client.send(request(1).endStream());
      handlers.call.sink.onHeaders(handlers.call.headers.metadata);
      handlers.call.sink.onMessage(text("x"));
      handlers.call.sink.onStatus(OK);
      transport.drain();
      client.send(frames.pingAck(Buffer.from("godwit\u0000\u0001", "latin1")));
      assert.equal(transport.activeCalls, 0);
      assert.equal(client.ended, false);
      client.send(frames.windowUpdate(1, 100));
      assert.ok(client.ended);
      assert.deepEqual(client.sentOfCalls().slice(-3), [
        'DATA 1 6 bytes "\\u0000\\u0000\\u0000\\u0000\\u0001x"',
        "HEADERS 1 END_STREAM grpc-status: 0",
        "GOAWAY 1 NO_ERROR",
      ]);
    });
  });

  describe("close", () => {
    it("ends every call on both sides, and closes", () => {
      const fixture = new ServerFixture();
      const { client, transport, handlers, closed, platform } = fixture;
      client.send(request(1).endStream(), request(3));
      transport.close();
      transport.close();
      for (const { cancels } of handlers.calls) {
        assert.deepEqual(cancels, [{ code: StatusCode.UNAVAILABLE, message: "the server is closed" }]);
      }
      assert.equal(transport.activeCalls, 0);
      const sent = client.sent();
      assert.ok(sent.includes(`${trailersOnly}, grpc-status: 14, grpc-message: the server is closed`));
      assert.ok(sent.includes("GOAWAY 3 NO_ERROR"));
      assert.ok(client.ended);
      client.end();
      assert.deepEqual(closed, ["the server is closed"]);
      platform.assertQuiet();
    });

    it("does not wait for a client that does not read or close its end", () => {
      const { transport, closed, platform, link, client } = new ServerFixture();
      link.freeze();
      transport.close();
      platform.advance(1000);
      assert.deepEqual(closed, ["the server is closed"]);
      link.thaw();
      platform.runTurns();
      client.end();
      platform.assertQuiet();
    });

    it("after a drain ends what still runs", () => {
      const { client, transport, handlers, closed } = new ServerFixture();
      client.send(request(1));
      transport.drain();
      transport.close();
      assert.equal(handlers.call.cancels.length, 1);
      client.take();
      client.end();
      assert.deepEqual(closed, ["the server is closed"]);
    });
  });

  describe("a connection that ends", () => {
    it("cancels every call once", () => {
      const endings: readonly [string, (fixture: ServerFixture) => void, RegExp][] = [
        ["cut", ({ link }) => link.cut(), /^the connection to the client was lost: .*ipv4:10\.0\.0\.2:40000/],
        [
          "end",
          ({ client }) => client.end(),
          /^the connection to the client was lost: the peer closed the connection$/,
        ],
        [
          "violation",
          ({ client }) => client.send(frames.data(0, "x")),
          /^the connection to the client was lost: DATA frame on stream 0$/,
        ],
      ];
      for (const [name, act, expected] of endings) {
        const fixture = new ServerFixture();
        const { client, handlers, platform, transport } = fixture;
        client.send(request(1).endStream(), request(3));
        handlers.calls[1]?.sink.onHeaders(handlers.calls[1].headers.metadata);
        act(fixture);
        platform.runTurns();
        for (const { cancels } of handlers.calls) {
          assert.equal(cancels.length, 1, name);
          assert.equal(cancels[0]?.code, StatusCode.CANCELLED, name);
          assert.match(cancels[0]?.message ?? "", expected, name);
        }
        assert.equal(transport.activeCalls, 0, name);
        platform.advance(1000);
        assert.equal(fixture.closed.length, 1, name);
        for (const { cancels } of handlers.calls) assert.equal(cancels.length, 1, name);
      }
    });

    it("is not a fault unless the client broke the protocol", () => {
      const fixture = new ServerFixture();
      fixture.client.send(frames.goAway(0, ErrorCode.NO_ERROR, "bye"));
      fixture.client.end();
      assert.deepEqual(fixture.closed, ["the peer closed the connection"]);
      assert.deepEqual(fixture.faults, [undefined]);
      assert.equal(fixture.faultsTold, 0);
      const broken = new ServerFixture();
      broken.client.send(frames.data(0, "x"));
      broken.client.end();
      assert.equal(broken.faults[0]?.message, "DATA frame on stream 0");
      assert.equal(broken.faultsTold, 1);
    });
  });

  it("serves a thousand calls at once", () => {
    const fixture = new ServerFixture();
    const ids = Array.from({ length: 1000 }, (_, i) => 2 * i + 1);
    fixture.client.send(...ids.flatMap((id) => [request(id), frames.data(id, framed(String(id))).endStream()]));
    assert.equal(fixture.handlers.calls.length, 1000);
    for (const call of fixture.handlers.calls) {
      call.sink.onHeaders(call.headers.metadata);
      call.sink.onMessage(call.sent[0]);
      call.sink.onStatus(OK);
    }
    const data = fixture.client.take().filter(({ type }) => type === frameType.DATA);
    assert.deepEqual(
      data.map(({ streamId, payload }) => `${streamId} ${payload.subarray(5)}`),
      ids.map((id) => `${id} ${id}`),
    );
    assert.equal(fixture.transport.activeCalls, 0);
  });

  it("ignores bytes that come behind the end", () => {
    const { client, closed, platform } = new ServerFixture();
    client.send(frames.data(0, "x"));
    client.send(clientPreface, request(1).endStream());
    client.end();
    assert.equal(closed.length, 1);
    platform.assertQuiet();
  });
});
