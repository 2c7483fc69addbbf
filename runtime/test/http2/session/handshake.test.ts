import assert from "node:assert/strict";
import { bytesOf, clientPreface, frames, parseFrames, settingId } from "../../support/frames.js";
import { LoneSession } from "../lone-session.js";

describe("Http2Session: handshake", () => {
  it("opens a client's connection with preface, SETTINGS and its window", () => {
    const lone = new LoneSession("client");
    const [settings, update] = lone.sentFrames();
    assert.deepEqual(settings, parseFrames(frames.settings(2, 0, 4, 262144, 5, 65536, 6, 16384).build())[0]);
    assert.deepEqual(update, parseFrames(frames.windowUpdate(0, 4194304 - 65535).build())[0]);
  });

  it("opens a server's connection with SETTINGS, before the client has said anything", () => {
    const lone = new LoneSession("server", { connectionWindowBytes: 65535 });
    assert.deepEqual(lone.sentFrames(), parseFrames(frames.settings(3, 1000, 4, 262144, 5, 65536, 6, 16384).build()));
  });

  it("acknowledges SETTINGS and says when they are in force", () => {
    for (const role of ["client", "server"] as const) {
      const lone = new LoneSession(role);
      lone.sent();
      assert.equal(lone.session.settingsReceived, false);
      assert.deepEqual(lone.greet(), ["settings"]);
      assert.deepEqual(lone.sent(), ["SETTINGS ACK"]);
      assert.equal(lone.session.settingsReceived, true);
      assert.deepEqual(lone.feed(frames.settings(3, 7)), ["settings"]);
      assert.deepEqual(lone.sent(), ["SETTINGS ACK"]);
    }
  });

  it("sends its preface and SETTINGS before anything that overtakes", () => {
    const server = new LoneSession("server");
    server.feed(clientPreface, frames.settings(), frames.ping(), frames.headers(1).fields("bad", "request"));
    assert.deepEqual(server.sent(), [
      "SETTINGS",
      "WINDOW_UPDATE 0 +4128769",
      "PING ACK 12345678",
      "SETTINGS ACK",
      "RST_STREAM 1 PROTOCOL_ERROR",
    ]);
    const client = new LoneSession("client");
    client.session.ping(Buffer.from("abcdefgh"));
    client.session.drain(0);
    assert.deepEqual(client.sent(), ["SETTINGS", "WINDOW_UPDATE 0 +4128769", "PING abcdefgh", "GOAWAY 0 NO_ERROR"]);
  });

  it("sends SETTINGS before the GOAWAY for a wrong preface", () => {
    const lone = new LoneSession("server");
    const events = lone.feedEvents(Buffer.from("GET / HTTP/1.1\r\n\r\n"));
    assert.equal(LoneSession.closedMessage(events), "the client speaks HTTP/1.1, this port speaks HTTP/2 (gRPC) only");
    assert.deepEqual(lone.sent(), ["SETTINGS", "WINDOW_UPDATE 0 +4128769", "GOAWAY 0 PROTOCOL_ERROR"]);
  });

  it("recognises a server that does not speak HTTP/2", () => {
    const lone = new LoneSession("client");
    const events = lone.feedEvents(Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"));
    assert.equal(LoneSession.closedMessage(events), "the server speaks HTTP/1.1, HTTP/2 was expected");
  });

  describe("the first frame must be SETTINGS", () => {
    for (const [what, frame, name] of [
      ["HEADERS", frames.headers(1).request(), "HEADERS"],
      ["PING", frames.ping(), "PING"],
      ["an acknowledgement of SETTINGS", frames.settingsAck(), "a SETTINGS acknowledgement"],
      ["an unknown frame", frames.raw(0x42, 0, 0, Buffer.alloc(0)), "0x42"],
      ["DATA", frames.data(1, 3), "DATA"],
    ] as const) {
      it(`${what} is not`, () => {
        for (const role of ["client", "server"] as const) {
          const lone = new LoneSession(role);
          const events = lone.feedEvents(role === "server" ? clientPreface : Buffer.alloc(0), frame);
          assert.equal(LoneSession.closedMessage(events), `the peer's first frame is ${name}, expected SETTINGS`);
          assert.equal(lone.sent().at(-1), "GOAWAY 0 PROTOCOL_ERROR");
        }
      });
    }
  });

  describe("time", () => {
    it("a server gives its client a time for preface and SETTINGS", () => {
      const lone = new LoneSession("server", { handshakeTimeoutMs: 500 });
      assert.equal(lone.session.nextTimeout(), 500);
      lone.feed(clientPreface);
      lone.session.handleTimeout(499);
      assert.deepEqual(lone.events(), []);
      assert.equal(lone.session.nextTimeout(), 500);
      lone.session.handleTimeout(500);
      assert.equal(
        LoneSession.closedMessage(lone.takeEvents()),
        "the peer's preface and SETTINGS did not come in time",
      );
      assert.equal(lone.sent().at(-1), "GOAWAY 0 SETTINGS_TIMEOUT");
      assert.equal(lone.session.nextTimeout(), undefined);
    });

    it("waits no more once they have come, even if a timer fires late", () => {
      const lone = new LoneSession("server", { handshakeTimeoutMs: 500 });
      lone.greet();
      lone.session.handleTimeout(600);
      assert.deepEqual(lone.events(), []);
      assert.equal(lone.session.nextTimeout(), undefined);
    });

    it("leaves a client's wait to its connect attempt", () => {
      const lone = new LoneSession("client");
      assert.equal(lone.session.nextTimeout(), undefined);
      lone.session.handleTimeout(1e9);
      assert.deepEqual(lone.events(), []);
    });
  });

  describe("the peer ends its direction", () => {
    it("between frames", () => {
      const lone = LoneSession.open("server");
      lone.session.receiveEnd(0);
      const events = lone.takeEvents();
      assert.deepEqual(events, [
        { type: "closed", code: 0, initiator: "remote", message: "the peer closed the connection" },
      ]);
      assert.deepEqual(lone.sent(), []);
      assert.ok(lone.session.closed);
    });

    it("amid a frame or a header block", () => {
      for (const part of [
        frames.ping().build().subarray(0, 5),
        frames.data(1, 10).build().subarray(0, 12),
        frames.data(1, 10).padded(4).build().subarray(0, 22),
        frames.headers(3).request().unfinished().build(),
      ]) {
        const lone = LoneSession.open("server");
        lone.feed(frames.headers(1).request(), part);
        lone.session.receiveEnd(0);
        assert.equal(LoneSession.closedMessage(lone.takeEvents()), "the peer closed the connection amid a frame");
      }
    });

    it("before it has spoken HTTP/2", () => {
      for (const size of [0, 5]) {
        const lone = new LoneSession("server");
        lone.feed(clientPreface.subarray(0, size));
        lone.session.receiveEnd(0);
        const message = "the peer closed the connection before it had spoken HTTP/2";
        assert.equal(LoneSession.closedMessage(lone.takeEvents()), message);
      }
    });

    it("behind frames that have not been read yet", () => {
      const lone = LoneSession.open("server");
      lone.session.receive(bytesOf(frames.headers(1).request().endStream()), 0);
      lone.session.receiveEnd(0);
      assert.deepEqual(lone.events(), ["headers 1 END_STREAM", "closed NO_ERROR remote"]);
    });

    it("twice, or after the session was closed", () => {
      const lone = LoneSession.open("server");
      lone.session.close(0, "bye");
      lone.session.receiveEnd(0);
      lone.session.receiveEnd(0);
      assert.deepEqual(lone.events(), ["closed NO_ERROR local"]);
    });
  });

  it("says what the peer takes as a header list", () => {
    const lone = new LoneSession("client");
    assert.equal(lone.session.maxSendHeaderListBytes, Number.POSITIVE_INFINITY);
    lone.greet(settingId.MAX_HEADER_LIST_SIZE, 8192);
    assert.equal(lone.session.maxSendHeaderListBytes, 8192);
  });

  it("refuses a server that offers to push (RFC 9113 §6.5.2)", () => {
    const lone = new LoneSession("client");
    const events = lone.feedEvents(frames.settings(settingId.ENABLE_PUSH, 1));
    assert.equal(LoneSession.closedMessage(events), "SETTINGS_ENABLE_PUSH is 1, expected 0");
  });
});
