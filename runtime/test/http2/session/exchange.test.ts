import assert from "node:assert/strict";
import { HeaderBlock } from "../../../src/hpack/header-block.js";
import type { SessionEvent } from "../../../src/http2/session-event.js";
import { forSeeds } from "../../hpack/random.js";
import { frames, frameType, settingId } from "../../support/frames.js";
import { SessionPair, type SessionPairOptions } from "../../support/session-pair.js";
import { allFields, describeEvent, LoneSession } from "../lone-session.js";

const request = new HeaderBlock([":method", "POST", ":scheme", "http", ":path", "/s/m", ":authority", "h"]);
const response = new HeaderBlock([":status", "200", "content-type", "application/grpc"]);
const trailers = new HeaderBlock(["grpc-status", "0"]);

/** Events in words, fragments of DATA that follow each other joined. */
function joined(events: readonly SessionEvent[]): string[] {
  const words: string[] = [];
  let bytes = 0;
  for (const [index, event] of events.entries()) {
    if (event.type !== "data") {
      words.push(describeEvent(event));
      continue;
    }
    bytes += event.end - event.start;
    const next = events[index + 1];
    if (next?.type === "data" && next.streamId === event.streamId) continue;
    words.push(`data ${event.streamId} ${bytes} bytes${event.endStream ? " END_STREAM" : ""}`);
    bytes = 0;
  }
  return words;
}

function exchange(options: SessionPairOptions): void {
  const pair = SessionPair.open(options);
  const { client, server } = pair;
  const id = client.session.openStream(request, false) as number;
  assert.equal(id, 1);
  assert.ok(client.sendMessage(id, Buffer.from("question"), true));
  pair.drive();
  assert.deepEqual(joined(server.drainEvents()), ["headers 1", "data 1 8 bytes END_STREAM"]);
  server.session.sendHeaders(id, response, false);
  assert.ok(server.sendMessage(id, Buffer.from("answer")));
  server.session.sendHeaders(id, trailers, true);
  pair.drive();
  const events = client.drainEvents();
  assert.deepEqual(joined(events), ["headers 1", "data 1 6 bytes", "headers 1 END_STREAM"]);
  const blocks = events.flatMap((event) => (event.type === "headers" ? [allFields(event.headers)] : []));
  assert.deepEqual(blocks, [response.fields, trailers.fields]);
  const data = events.flatMap((event) => (event.type === "data" ? [event.bytes.subarray(event.start, event.end)] : []));
  assert.equal(Buffer.concat(data).toString(), "answer");
  assert.equal(client.session.openStreams + server.session.openStreams, 0);
}

describe("Http2Session: exchange", () => {
  it("carries a request and its response", () => exchange({}));
  it("carries them byte by byte", () => exchange({ cuts: "byte" }));
  it("carries them at random cuts", () => forSeeds(50, (cuts) => exchange({ cuts })));

  it("carries a hundred exchanges with the same blocks, and with a tail that varies", () => {
    const pair = SessionPair.open();
    const { client, server } = pair;
    for (let i = 0; i < 100; i++) {
      const head = i < 20 ? new HeaderBlock(request.fields) : request;
      const block = i % 2 === 0 ? head : new HeaderBlock(["grpc-timeout", `${i}S`, "x-id", `${i * i}`], head);
      const id = client.session.openStream(block, true) as number;
      pair.drive();
      const [event] = server.drainEvents();
      assert.ok(event?.type === "headers", `request ${i} is ${event === undefined ? "refused" : event.type}`);
      assert.deepEqual(allFields(event.headers), allFields(block));
      server.session.sendHeaders(id, response, false);
      server.session.sendHeaders(id, new HeaderBlock(["grpc-status", "0", "x-id", String(i)], trailers), true);
      pair.drive();
      assert.deepEqual(client.drainEvents().map(describeEvent), [`headers ${id}`, `headers ${id} END_STREAM`]);
    }
  });

  it("interleaves many streams", () => {
    const pair = SessionPair.open();
    const { client, server } = pair;
    const ids = Array.from({ length: 50 }, () => client.session.openStream(request, false) as number);
    for (const id of ids) client.sendMessage(id, Buffer.alloc(100, id), true);
    pair.drive();
    assert.equal(server.session.openStreams, 50);
    for (const id of ids.reverse()) {
      server.session.sendHeaders(id, response, false);
      server.session.sendHeaders(id, trailers, true);
    }
    pair.drive();
    assert.equal(client.session.openStreams + server.session.openStreams, 0);
    const ended = client
      .drainEvents()
      .flatMap((event) => ("endStream" in event && event.endStream ? [event.streamId] : []));
    assert.deepEqual(ended, ids);
  });

  describe("header blocks larger than a frame", () => {
    const large = Array.from({ length: 100 }, (_, i) => [`x-${i}`, "\u00ff".repeat(600)]).flat();

    it("go out as HEADERS and CONTINUATION, END_STREAM on the first", () => {
      const lone = LoneSession.open("client");
      lone.session.openStream(new HeaderBlock([...request.fields, ...large]), true);
      assert.deepEqual(lone.sent(), [
        "HEADERS 1 END_STREAM unfinished",
        "CONTINUATION 1 unfinished",
        "CONTINUATION 1 unfinished",
        "CONTINUATION 1",
      ]);
    });

    it("come in again as they were", () => {
      for (const cuts of ["whole", "byte"] as const) {
        const pair = SessionPair.open({ cuts, serverLimits: { maxHeaderListBytes: 128 * 1024 } });
        const block = new HeaderBlock([...request.fields, ...large]);
        pair.client.session.openStream(block, false);
        pair.client.session.sendHeaders(1, new HeaderBlock(["a", "b"]), true);
        pair.drive();
        const events = pair.server.drainEvents();
        assert.deepEqual(events.map(describeEvent), ["headers 1", "headers 1 END_STREAM"]);
        assert.ok(events[0]?.type === "headers");
        assert.deepEqual(allFields(events[0].headers), block.fields);
      }
    });

    it("fit the peer's larger frames", () => {
      const lone = LoneSession.open("client", {}, settingId.MAX_FRAME_SIZE, 1 << 20);
      lone.session.openStream(new HeaderBlock([...request.fields, ...large]), true);
      assert.deepEqual(lone.sent(), ["HEADERS 1 END_STREAM"]);
    });

    it("stay in one frame when only their bound is larger", () => {
      const lone = LoneSession.open("client");
      const block = new HeaderBlock([...request.fields, "x", "0".repeat(16300)]);
      assert.ok(block.listBytes > 16384);
      lone.session.openStream(block, false);
      const sent = lone.sentFrames();
      assert.equal(sent.length, 1);
      assert.ok((sent[0]?.payload.length ?? 0) < 16384);
    });
  });

  describe("requests and responses that are malformed (RFC 9113 §8.1.1)", () => {
    it("a malformed request is refused and nobody hears of it", () => {
      const lone = LoneSession.open("server");
      for (const [id, headers] of [
        [1, frames.headers(1).fields(":method", "GET")],
        [3, frames.headers(3).request("")],
        [5, frames.headers(5).request("/s/m", "Upper", "x")],
        [7, frames.headers(7).request("/s/m", "connection", "close")],
        [9, frames.headers(9).request("/s/m", "content-length", "x")],
        [11, frames.headers(11).request("/s/m", "content-length", "1").endStream()],
      ] as const) {
        assert.deepEqual(lone.feed(headers), []);
        assert.deepEqual(lone.sent(), [`RST_STREAM ${id} PROTOCOL_ERROR`]);
        assert.deepEqual(lone.feed(frames.data(id, 3), frames.headers(id).fields().endStream()), []);
        assert.deepEqual(lone.sent(), [], "what was on its way behind it is passed over");
      }
      assert.deepEqual(lone.feed(frames.headers(13).request()), ["headers 13"]);
      assert.equal(lone.session.openStreams, 1);
    });

    function openClient(): LoneSession {
      const lone = LoneSession.open("client");
      lone.session.openStream(request, true);
      lone.sent();
      return lone;
    }

    const responses: [string, Parameters<LoneSession["feed"]>, string][] = [
      ["no :status", [frames.headers(1).fields("a", "b")], "response does not begin with :status"],
      ["a bad :status", [frames.headers(1).response(99)], ':status is "99", expected three digits'],
      [
        "a second response",
        [frames.headers(1).response(), frames.headers(1).response().endStream()],
        'pseudo-header field ":status" is not allowed here',
      ],
      [
        "trailers without END_STREAM",
        [frames.headers(1).response(), frames.headers(1).fields("grpc-status", "0")],
        "trailers come without END_STREAM",
      ],
      [
        "a bad content-length",
        [frames.headers(1).response(200, "content-length", "x")],
        "content-length is not a number, is contradictory, or does not match",
      ],
      [
        "a content-length without content",
        [frames.headers(1).response(200, "content-length", "1").endStream()],
        "content-length is not a number, is contradictory, or does not match",
      ],
      [
        "less than content-length before trailers",
        [
          frames.headers(1).response(200, "content-length", "3"),
          frames.data(1, 2),
          frames.headers(1).fields("a", "b").endStream(),
        ],
        "DATA does not add up to the content-length of its stream",
      ],
      [
        "a 1xx response with END_STREAM",
        [frames.headers(1).response(100).endStream()],
        "a 1xx response ends its stream",
      ],
      ["DATA before its headers", [frames.data(1, 5)], "DATA frame on stream 1 came before its headers"],
      [
        "DATA behind a 1xx response",
        [frames.headers(1).response(103), frames.data(1, 5)],
        "DATA frame on stream 1 came before its headers",
      ],
      [
        "too large a header list",
        [frames.headers(1).response(200, "x", "y".repeat(17_000)).unfinished()],
        "header list is 17075 bytes, limit 16384",
      ],
    ];
    for (const [what, parts, message] of responses) {
      it(`a client resets its stream for ${what}`, () => {
        const lone = openClient();
        let events: SessionEvent[];
        if (what.startsWith("too large")) {
          const whole = frames.headers(1).response(200, "x", "y".repeat(17_000)).build().subarray(9);
          events = lone.feedEvents(
            frames.headers(1).block(whole.subarray(0, 16000)).unfinished(),
            frames.continuation(1, whole.subarray(16000)).endHeaders(),
          );
        } else {
          events = lone.feedEvents(...parts);
        }
        const last = events.at(-1);
        assert.ok(last?.type === "reset");
        const code = what.startsWith("too large") ? 11 : 1;
        assert.deepEqual(last, { type: "reset", streamId: 1, code, initiator: "local", message, unprocessed: false });
        assert.deepEqual(lone.sent(), [`RST_STREAM 1 ${code === 1 ? "PROTOCOL_ERROR" : "ENHANCE_YOUR_CALM"}`]);
        assert.equal(lone.session.openStreams, 0);
        assert.deepEqual(lone.feed(frames.ping()), []);
        assert.deepEqual(lone.sent(), ["PING ACK 12345678"], "the connection goes on");
      });
    }

    it("too many 1xx responses reset their stream", () => {
      const lone = openClient();
      const early = Array.from({ length: 16 }, () => frames.headers(1).response(103, "link", "x"));
      assert.deepEqual(lone.feed(...early), []);
      const events = lone.feedEvents(frames.headers(1).response(103));
      assert.ok(events[0]?.type === "reset");
      assert.equal(events[0].message, "more than 16 1xx responses");
    });

    it("1xx responses are passed over", () => {
      const lone = openClient();
      const early = [frames.headers(1).response(100), frames.headers(1).response(103, "link", "x")];
      assert.deepEqual(lone.feed(...early, frames.headers(1).response().endStream()), ["headers 1 END_STREAM"]);
    });
  });

  describe("content-length (RFC 9113 §8.1.1)", () => {
    const wrong = "reset 1 PROTOCOL_ERROR local";
    const cases: [string, string, Parameters<LoneSession["feed"]>, string[]][] = [
      ["adds up in one frame", "5", [frames.data(1, 5).endStream()], ["data 1 5 bytes END_STREAM"]],
      [
        "adds up over frames, padding not counted",
        "5",
        [frames.data(1, 2).padded(100), frames.data(1, 3), frames.data(1, 0).endStream()],
        ["data 1 2 bytes", "data 1 3 bytes", "data 1 0 bytes END_STREAM"],
      ],
      [
        "adds up before trailers",
        "2",
        [frames.data(1, 2), frames.headers(1).fields("a", "b").endStream()],
        ["data 1 2 bytes", "headers 1 END_STREAM"],
      ],
      ["is 0 and the stream ends", "0", [frames.data(1, 0).endStream()], ["data 1 0 bytes END_STREAM"]],
      ["is exceeded", "5", [frames.data(1, 6)], [wrong]],
      ["is exceeded later", "5", [frames.data(1, 5), frames.data(1, 1)], ["data 1 5 bytes", wrong]],
      ["is not reached", "5", [frames.data(1, 4).endStream()], [wrong]],
      ["is 0 and DATA comes", "0", [frames.data(1, 1)], [wrong]],
    ];
    for (const [what, length, parts, expected] of cases) {
      it(`${what}, wherever the bytes are cut`, () => {
        for (const size of [1, 10, 1000]) {
          const lone = LoneSession.open("server");
          lone.feed(frames.headers(1).request("/s/m", "content-length", length));
          const events: SessionEvent[] = [];
          const bytes = Buffer.concat(parts.map((part) => (part instanceof Uint8Array ? part : part.build())));
          for (let at = 0; at < bytes.length; at += size)
            events.push(...lone.feedEvents(bytes.subarray(at, at + size)));
          const whole = size === 1000 ? events.map(describeEvent) : undefined;
          if (whole !== undefined) assert.deepEqual(whole, expected);
          const ended = events.at(-1);
          assert.equal(ended?.type === "reset", expected.includes(wrong));
          if (ended?.type === "reset") {
            assert.equal(ended.message, "DATA does not add up to the content-length of its stream");
            assert.deepEqual(lone.sent(), ["RST_STREAM 1 PROTOCOL_ERROR"]);
          }
        }
      });
    }
  });

  it("takes a content-length of 0 on what ends with its headers", () => {
    const server = LoneSession.open("server");
    const headers = frames.headers(1).request("/s/m", "content-length", "0");
    assert.deepEqual(server.feed(headers.endStream()), ["headers 1 END_STREAM"]);
    const client = LoneSession.open("client");
    client.session.openStream(request, true);
    client.sent();
    const answer = frames.headers(1).response(200, "content-length", "0");
    assert.deepEqual(client.feed(answer.endStream()), ["headers 1 END_STREAM"]);
  });

  it("gives empty DATA no event unless it ends the stream", () => {
    const lone = LoneSession.open("server");
    lone.feed(frames.headers(1).request());
    assert.deepEqual(
      lone.feed(frames.data(1, 0), frames.data(1, 0).padded(9), frames.data(1, 0).padded(2).endStream()),
      ["data 1 0 bytes END_STREAM"],
    );
  });

  it("hands data on as views of what was received", () => {
    const lone = LoneSession.open("server");
    lone.feed(frames.headers(1).request());
    const chunk = frames.data(1, "payload").build();
    lone.session.receive(chunk, 0);
    const [event] = lone.takeEvents();
    assert.ok(event?.type === "data" && event.bytes === chunk);
    assert.equal(chunk.toString("latin1", event.start, event.end), "payload");
    assert.equal(frameType.DATA, chunk[3]);
  });
});
