import assert from "node:assert/strict";
import { ErrorCode } from "../../src/http2/error-code.js";
import { Metadata } from "../../src/rpc/metadata.js";
import { frames } from "../support/frames.js";
import { RecordingResponse } from "../support/recording-response.js";
import { ClientFixture, inertActs, outcome, serverPeer } from "./client-fixture.js";
import { framed, text, textMethod } from "./text-method.js";

const ok = ["grpc-status", "0"] as const;
const grpc = ["content-type", "application/grpc"] as const;

describe("client transport: a connection that ends", () => {
  describe("GOAWAY", () => {
    it("lets the calls that the server saw run on, and ends the others as not processed", () => {
      const fixture = new ClientFixture();
      const { server, heard, transport, platform } = fixture;
      const seen = fixture.openCall();
      const unseen = fixture.openCall();
      // Whoever hears of an end may call again at once, and must not come to this connection.
      fixture.onHeard = () => assert.equal(transport.streamSlots(), 0);
      server.send(frames.goAway(1, ErrorCode.NO_ERROR, "deploy"));
      assert.deepEqual(heard, ["draining the server is going away (NO_ERROR): deploy"]);
      assert.equal(
        outcome(unseen),
        "UNAVAILABLE: the peer is going away (NO_ERROR: deploy) and did not process the stream (not-processed)",
      );
      assert.equal(outcome(fixture.call()), "UNAVAILABLE: the connection takes no more calls (not-sent)");
      seen.stream.pull(1);
      seen.stream.send(text("late"), true);
      assert.deepEqual(server.sentOfCalls(), ['DATA 1 9 bytes END_STREAM "\\u0000\\u0000\\u0000\\u0000\\u0004late"']);
      server.send(
        frames.headers(1).response(200, ...grpc),
        frames.data(1, framed("answer")),
        frames
          .headers(1)
          .fields(...ok)
          .endStream(),
      );
      assert.deepEqual(seen.response.events, ["headers", "message answer", "status OK"]);
      assert.deepEqual(server.sentOfCalls(), ["GOAWAY 0 NO_ERROR"]);
      assert.ok(server.ended);
      server.end();
      assert.deepEqual(heard.slice(1), ["closed the connection was drained"]);
      platform.assertQuiet();
    });

    it("in two steps is one drain", () => {
      const fixture = new ClientFixture();
      const { server, heard } = fixture;
      const first = fixture.openCall();
      const second = fixture.openCall();
      server.send(frames.goAway(0x7fffffff, ErrorCode.NO_ERROR), frames.ping());
      assert.deepEqual([first.response.status, second.response.status], [undefined, undefined]);
      server.send(frames.goAway(1, ErrorCode.NO_ERROR));
      assert.deepEqual(heard, ["draining the server is going away (NO_ERROR)"]);
      assert.equal(first.response.status, undefined);
      assert.equal(second.response.status?.delivery, "not-processed");
    });

    it("of an idle connection closes it", () => {
      const { server, heard, platform } = new ClientFixture();
      server.send(frames.goAway(0, ErrorCode.ENHANCE_YOUR_CALM, "too_many_pings"));
      server.end();
      assert.deepEqual(heard, [
        "too many pings",
        "draining the server is going away (ENHANCE_YOUR_CALM): too_many_pings",
        "closed the connection was drained",
      ]);
      platform.assertQuiet();
    });
  });

  describe("a request that was still in our memory when the byte stream was gone", () => {
    const lost =
      "UNAVAILABLE: the connection was lost: connection to ipv4:10.0.0.1:443 was reset by the peer (ECONNRESET)";

    it("was not sent; one that was given out may have been", () => {
      const fixture = new ClientFixture();
      const given = fixture.call();
      fixture.platform.runTurn();
      fixture.link.cut();
      const kept = fixture.call();
      kept.stream.send(text("a"), true);
      fixture.platform.runTurns();
      assert.equal(outcome(given), `${lost} (unknown)`);
      assert.equal(outcome(kept), `${lost} (not-sent)`);
    });

    it("was not sent where answers were read on behind the end, which asks the session for its output", () => {
      const fixture = new ClientFixture({ limits: { maxQueuedControlFrames: 4 } });
      const { server, link, platform } = fixture;
      link.client.write = () => false;
      fixture.call();
      platform.runTurn();
      const kept = fixture.call();
      server.send(...Array.from({ length: 9 }, () => frames.ping()));
      link.cut();
      platform.runTurns();
      assert.match(outcome(kept) ?? "", /\(not-sent\)$/);
    });

    it("was not sent where the peer took nothing any more, and is given up for lost", () => {
      const fixture = new ClientFixture({ keepalive: { timeMs: 10_000, timeoutMs: 1000 } });
      const { link, platform } = fixture;
      const given = fixture.openCall();
      const write = link.client.write.bind(link.client);
      link.client.write = (chunks) => write(chunks) && false;
      const full = fixture.call();
      platform.runTurns();
      link.freeze();
      const kept = fixture.call();
      platform.advance(30_000);
      assert.match(outcome(given) ?? "", /^UNAVAILABLE: .*\(unknown\)$/);
      assert.match(outcome(full) ?? "", /^UNAVAILABLE: .*\(unknown\)$/);
      assert.match(outcome(kept) ?? "", /^UNAVAILABLE: .*\(not-sent\)$/);
    });

    it("was not sent where too much waited for the peer to read", () => {
      const fixture = new ClientFixture({ limits: { maxUnsentBytes: 2000 } });
      const { link, platform } = fixture;
      link.client.write = () => false;
      const given = fixture.call();
      platform.runTurns();
      const kept = fixture.call({ metadata: new Metadata({ large: "x".repeat(3000) }) });
      platform.runTurns();
      assert.match(outcome(given) ?? "", /^UNAVAILABLE: .*\(unknown\)$/);
      assert.match(outcome(kept) ?? "", /^UNAVAILABLE: .*maxUnsentBytes\) \(not-sent\)$/);
    });

    it("may be sent with the last words of a connection that has failed, while its byte stream is there", () => {
      const fixture = new ClientFixture();
      const given = fixture.openCall();
      const kept = fixture.call();
      fixture.link.server.write([Buffer.from([0, 0, 0, 0x4, 0, 0, 0, 0, 1])]);
      fixture.link.client.wake();
      fixture.platform.runTurns();
      assert.match(outcome(given) ?? "", /\(unknown\)$/);
      assert.match(outcome(kept) ?? "", /\(unknown\)$/);
    });
  });

  describe("a connection that is lost", () => {
    it("ends its calls with what is known of each", () => {
      const fixture = new ClientFixture();
      const { server, heard, link, platform } = fixture;
      const silent = fixture.openCall();
      const answering = fixture.openCall();
      server.send(frames.headers(3).response(200, ...grpc));
      link.cut();
      platform.runTurns();
      const reason = /^closed (.*)$/.exec(heard.at(-1) ?? "")?.[1];
      assert.ok(reason?.includes("ipv4:10.0.0.1:443"), reason);
      assert.equal(outcome(silent), `UNAVAILABLE: the connection was lost: ${reason} (unknown)`);
      assert.equal(outcome(answering), `UNAVAILABLE: the connection was lost: ${reason} (processed)`);
      assert.deepEqual(silent.response.status?.peer, serverPeer);
      platform.assertQuiet();
    });

    it("takes no call any more, not even from within the end of another", () => {
      const fixture = new ClientFixture();
      const again: string[] = [];
      const first = fixture.openCall();
      first.response.onEvent = () => {
        const response = new RecordingResponse();
        const stream = fixture.transport.invoke(
          { method: textMethod, metadata: new Metadata(), deadline: Number.POSITIVE_INFINITY },
          {},
          response,
        );
        again.push(outcome({ stream, response }) ?? "runs");
      };
      fixture.link.cut();
      fixture.platform.runTurns();
      assert.deepEqual(again, ["UNAVAILABLE: the connection takes no more calls (not-sent)"]);
      assert.equal(fixture.transport.streamSlots(), 0);
    });

    it("by the server's end in the middle of a message ends the call once", () => {
      const fixture = new ClientFixture();
      const call = fixture.openCall();
      call.stream.pull(2);
      fixture.server.send(
        frames.headers(1).response(200, ...grpc),
        frames.data(1, framed("whole message").subarray(0, 9)),
      );
      fixture.server.end();
      assert.equal(outcome(call), "UNAVAILABLE: the connection was lost: the peer closed the connection (processed)");
      assert.deepEqual(fixture.heard.at(-1), "closed the peer closed the connection");
      fixture.platform.assertQuiet();
    });

    it("after a complete answer still gives out the messages of that answer", () => {
      const fixture = new ClientFixture();
      const { server } = fixture;
      const call = fixture.openCall();
      server.send(
        frames.headers(1).response(200, ...grpc),
        frames.data(1, Buffer.concat([framed("a"), framed("b")])),
        frames
          .headers(1)
          .fields(...ok)
          .endStream(),
      );
      fixture.link.cut();
      fixture.platform.runTurns();
      assert.deepEqual(call.response.events, ["headers"]);
      call.stream.pull(1);
      call.stream.pull(5);
      assert.deepEqual(call.response.events, ["headers", "message a", "message b", "status OK"]);
    });
  });

  for (const [how, lose] of [
    ["cut", (fixture: ClientFixture) => fixture.link.cut()],
    ["ended", (fixture: ClientFixture) => fixture.server.end()],
  ] as const) {
    it(`that is ${how} behind a complete answer still gives out all of it, turn by turn`, () => {
      const fixture = new ClientFixture({ limits: { maxMessagesPerTurn: 2 } });
      const call = fixture.openCall();
      call.stream.pull(9);
      fixture.server.sendNow(
        frames.headers(1).response(200, ...grpc),
        frames.data(1, Buffer.concat(["a", "b", "c", "d", "e"].map((text) => framed(text)))),
        frames
          .headers(1)
          .fields(...ok)
          .endStream(),
      );
      fixture.platform.runTurn();
      lose(fixture);
      fixture.platform.runTurns();
      const messages = ["a", "b", "c", "d", "e"].map((text) => `message ${text}`);
      assert.deepEqual(call.response.events, ["headers", ...messages, "status OK"]);
      fixture.platform.assertQuiet();
    });
  }

  describe("a server that breaks HTTP/2", () => {
    it("loses its calls and the connection at once, though it keeps its end open", () => {
      const fixture = new ClientFixture();
      const { server, heard, platform, transport } = fixture;
      const call = fixture.openCall();
      server.send(frames.data(0, "x"));
      assert.equal(outcome(call), "UNAVAILABLE: the connection was lost: DATA frame on stream 0 (unknown)");
      assert.deepEqual(heard, ["draining DATA frame on stream 0"]);
      assert.equal(transport.streamSlots(), 0);
      assert.deepEqual(server.sent(), ["GOAWAY 0 PROTOCOL_ERROR"]);
      assert.ok(server.ended);
      platform.advance(499);
      assert.equal(heard.length, 1);
      platform.advance(1);
      assert.deepEqual(heard.slice(1), ["closed DATA frame on stream 0"]);
      platform.runTurns();
      platform.assertQuiet();
    });

    it("hears nothing more behind our end, whatever callers do", () => {
      const fixture = new ClientFixture();
      const { server, platform } = fixture;
      const call = fixture.openCall();
      server.send(
        frames.headers(1).response(200, ...grpc),
        frames.data(1, framed("a")),
        frames
          .headers(1)
          .fields(...ok)
          .endStream(),
      );
      const other = fixture.openCall();
      server.send(frames.data(0, "x"));
      server.take();
      for (const { stream } of [call, other]) for (const act of inertActs(stream)) act();
      assert.deepEqual(server.sent(), []);
      platform.advance(1000);
      assert.deepEqual(fixture.heard.at(-1), "closed DATA frame on stream 0");
      platform.assertQuiet();
    });
  });
});
