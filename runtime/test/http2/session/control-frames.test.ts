import assert from "node:assert/strict";
import { bytesOf, frames, type Part, settingId } from "../../support/frames.js";
import { LoneSession } from "../lone-session.js";

/** Frames that end the connection: what, the frame, the sentence, the code. */
const fatal: [string, Part, string, string][] = [
  ["DATA on stream 0 (h2spec 6.1/1)", frames.data(0, 1), "DATA frame on stream 0", "PROTOCOL_ERROR"],
  ["HEADERS on stream 0 (h2spec 6.2/3)", frames.headers(0).request(), "HEADERS frame on stream 0", "PROTOCOL_ERROR"],
  ["PRIORITY on stream 0 (h2spec 6.3/1)", frames.priority(0, 1), "PRIORITY frame on stream 0", "PROTOCOL_ERROR"],
  [
    "PRIORITY of a wrong size on an idle stream",
    frames.raw(2, 0, 9, Buffer.alloc(4)),
    "PRIORITY frame is 4 bytes, expected 5",
    "FRAME_SIZE_ERROR",
  ],
  ["PRIORITY on itself (h2spec 5.3.1/2)", frames.priority(9, 9), "stream 9 depends on itself", "PROTOCOL_ERROR"],
  [
    "HEADERS depending on itself (h2spec 5.3.1/1)",
    frames.headers(9).request().priority(9),
    "stream 9 depends on itself",
    "PROTOCOL_ERROR",
  ],
  [
    "padded HEADERS depending on itself",
    frames.headers(9).request().priority(9).padded(3),
    "stream 9 depends on itself",
    "PROTOCOL_ERROR",
  ],
  [
    "HEADERS with padding as long as it is (h2spec 6.2/4)",
    frames.raw(1, 0xc, 9, Buffer.of(2, 0)),
    "HEADERS frame is 2 bytes, too short for its padding and priority",
    "PROTOCOL_ERROR",
  ],
  ["RST_STREAM on stream 0 (h2spec 6.4/1)", frames.rst(0, 8), "RST_STREAM frame on stream 0", "PROTOCOL_ERROR"],
  [
    "RST_STREAM of a wrong size (h2spec 6.4/3)",
    frames.raw(3, 0, 1, Buffer.alloc(3)),
    "RST_STREAM frame is 3 bytes, expected 4",
    "FRAME_SIZE_ERROR",
  ],
  [
    "SETTINGS on a stream (h2spec 6.5/2)",
    frames.raw(4, 0, 1, Buffer.alloc(0)),
    "SETTINGS frame on stream 1",
    "PROTOCOL_ERROR",
  ],
  [
    "SETTINGS of a wrong size (h2spec 6.5/3)",
    frames.raw(4, 0, 0, Buffer.alloc(3)),
    "SETTINGS frame is 3 bytes, expected a multiple of 6",
    "FRAME_SIZE_ERROR",
  ],
  [
    "SETTINGS acknowledgement with a payload (h2spec 6.5/1)",
    frames.raw(4, 1, 0, Buffer.alloc(6)),
    "SETTINGS acknowledgement is 6 bytes, expected 0",
    "FRAME_SIZE_ERROR",
  ],
  [
    "an initial window over the limit (h2spec 6.5.2/2)",
    frames.settings(settingId.INITIAL_WINDOW_SIZE, 0x80000000),
    "SETTINGS_INITIAL_WINDOW_SIZE is 2147483648, expected at most 2147483647",
    "FLOW_CONTROL_ERROR",
  ],
  ["PING on a stream (h2spec 6.7/3)", frames.raw(6, 0, 1, Buffer.alloc(8)), "PING frame on stream 1", "PROTOCOL_ERROR"],
  [
    "PING of a wrong size (h2spec 6.7/4)",
    frames.raw(6, 0, 0, Buffer.alloc(6)),
    "PING frame is 6 bytes, expected 8",
    "FRAME_SIZE_ERROR",
  ],
  [
    "a PING answer of a wrong size",
    frames.raw(6, 1, 0, Buffer.alloc(9)),
    "PING frame is 9 bytes, expected 8",
    "FRAME_SIZE_ERROR",
  ],
  [
    "WINDOW_UPDATE of a wrong size (h2spec 6.9/3)",
    frames.raw(8, 0, 0, Buffer.alloc(3)),
    "WINDOW_UPDATE frame is 3 bytes, expected 4",
    "FRAME_SIZE_ERROR",
  ],
  [
    "PUSH_PROMISE (h2spec 8.2/1)",
    frames.raw(5, 4, 1, Buffer.alloc(4)),
    "PUSH_PROMISE frame came, push is not enabled",
    "PROTOCOL_ERROR",
  ],
  [
    "a frame above our limit (h2spec 4.2/2)",
    frames.data(1, 65537),
    "DATA frame is 65537 bytes, limit 65536",
    "FRAME_SIZE_ERROR",
  ],
  [
    "padding longer than DATA (h2spec 6.1/3)",
    frames.raw(0, 8, 1, Buffer.of(200, 0, 0)),
    "padding of a DATA frame is 200 bytes, its payload 3",
    "PROTOCOL_ERROR",
  ],
  [
    "a broken header block (h2spec 4.3/1)",
    frames.headers(9).block(Buffer.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)),
    "HPACK integer at octet 0 has more than 5 octets",
    "COMPRESSION_ERROR",
  ],
];

describe("Http2Session: frames that end the connection", () => {
  for (const [what, part, message, code] of fatal) {
    it(what, () => {
      const lone = LoneSession.open("server");
      lone.feed(frames.headers(1).request());
      const events = lone.feedEvents(part, frames.ping());
      const closed = LoneSession.closedMessage(events);
      if (code === "COMPRESSION_ERROR") assert.match(closed, /^HPACK/);
      else assert.equal(closed, message);
      assert.equal(events.length, 1);
      assert.deepEqual(lone.sent(), [`GOAWAY 1 ${code}`]);
    });
  }

  it("the sentence goes out with GOAWAY", () => {
    const lone = LoneSession.open("server");
    lone.feed(frames.data(0, 1));
    assert.equal(lone.sentFrames()[0]?.payload.toString("utf8", 8), "DATA frame on stream 0");
  });
});

describe("Http2Session: header blocks are not interrupted (RFC 9113 §4.3, h2spec 4.3, 5.5, 6.2, 6.10)", () => {
  const parts: [string, Part][] = [
    ["DATA", frames.data(1, 1)],
    ["HEADERS", frames.headers(3).request()],
    ["PRIORITY", frames.priority(1, 0)],
    ["RST_STREAM", frames.rst(1, 8)],
    ["SETTINGS", frames.settings()],
    ["PUSH_PROMISE", frames.raw(5, 4, 1, Buffer.alloc(4))],
    ["PING", frames.ping()],
    ["GOAWAY", frames.goAway(0, 0)],
    ["WINDOW_UPDATE", frames.windowUpdate(0, 1)],
    ["0x16", frames.raw(0x16, 0, 0, Buffer.alloc(8))],
  ];
  for (const [name, part] of parts) {
    it(`by ${name}`, () => {
      const lone = LoneSession.open("server");
      const events = lone.feedEvents(frames.headers(1).request().unfinished(), part);
      assert.equal(
        LoneSession.closedMessage(events),
        `${name} frame came amid the header block of stream 1, expected CONTINUATION`,
      );
      assert.deepEqual(lone.sent(), ["GOAWAY 0 PROTOCOL_ERROR"]);
    });
  }

  it("nor by a CONTINUATION of another stream, nor may one come without HEADERS", () => {
    for (const before of [
      [frames.headers(1).request().unfinished()],
      [frames.headers(3).request()],
      [frames.headers(1).request(), frames.data(1, 1)],
    ]) {
      const lone = LoneSession.open("server");
      const events = lone.feedEvents(...before, frames.continuation(3, Buffer.alloc(0)).endHeaders());
      assert.match(LoneSession.closedMessage(events), /^CONTINUATION of stream 3 does not follow/);
    }
  });

  it("CONTINUATION frames are joined (h2spec generic/3.10)", () => {
    const lone = LoneSession.open("server");
    const block = frames.headers(1).request("/s/m", "a", "b").build().subarray(9);
    const events = lone.feedEvents(
      frames.headers(1).block(block.subarray(0, 7)).endStream().unfinished(),
      frames.continuation(1, block.subarray(7, 8)),
      frames.continuation(1, block.subarray(8)).endHeaders(),
    );
    assert.ok(events[0]?.type === "headers" && events[0].endStream);
    assert.equal(events[0].headers.get("a"), "b");
  });
});

describe("Http2Session: frames that are taken", () => {
  it("unknown types are passed over, on any stream and with any flags (h2spec 4.1/1, 5.5/1)", () => {
    const lone = LoneSession.open("server");
    for (let type = 10; type < 256; type++) {
      for (const id of [0, 1, 2, 99]) {
        assert.deepEqual(lone.feed(frames.raw(type, type, id, Buffer.alloc(type % 9))), []);
      }
    }
    assert.deepEqual(lone.feed(frames.ping()), []);
    assert.deepEqual(lone.sent(), ["PING ACK 12345678"]);
  });

  it("unknown flags and the reserved bit are passed over (h2spec 4.1/2, 4.1/3)", () => {
    const lone = LoneSession.open("server");
    assert.deepEqual(lone.feed(frames.raw(6, 0xfe, 0x80000000, Buffer.from("12345678"))), []);
    assert.deepEqual(lone.sent(), ["PING ACK 12345678"]);
    const block = frames.headers(1).request().build().subarray(9);
    assert.deepEqual(lone.feed(frames.raw(1, 0x04 | 0xd2, 0x80000001, block)), ["headers 1"]);
  });

  it("PING is answered with the same octets; its own answer is told (h2spec 6.7/1, 6.7/2)", () => {
    const lone = LoneSession.open("client");
    assert.deepEqual(lone.feed(frames.ping("abcdefgh")), []);
    assert.deepEqual(lone.sent(), ["PING ACK abcdefgh"]);
    lone.session.ping(Buffer.from("my ping!"));
    assert.deepEqual(lone.sent(), ["PING my ping!"]);
    assert.deepEqual(lone.feed(frames.pingAck(Buffer.from("my ping!"))), ["pong my ping!"]);
    assert.deepEqual(lone.feed(frames.pingAck(Buffer.from("not mine"))), [], "nobody asked");
    assert.deepEqual(lone.sent(), []);
  });

  it("a pong's payload is the receiver's own", () => {
    const lone = LoneSession.open("client");
    lone.session.ping(Buffer.alloc(8));
    const chunk = frames.pingAck(Buffer.from("12345678")).build();
    lone.session.receive(chunk, 0);
    const [event] = lone.takeEvents();
    chunk.fill(0);
    assert.ok(event?.type === "pong");
    assert.equal(Buffer.from(event.payload).toString(), "12345678");
  });

  it("R107 CVE-2019-9513, CVE-2015-8659: PRIORITY makes no state and changes nothing", () => {
    const lone = LoneSession.open("server");
    for (let id = 1; id < 2000; id++) assert.deepEqual(lone.feed(frames.priority(id, id + 1)), []);
    assert.equal(lone.session.openStreams, 0);
    assert.deepEqual(lone.feed(frames.headers(1).request().priority(3, 255, true)), ["headers 1"]);
  });

  it("PRIORITY of a wrong size resets a stream that is there (h2spec 6.3/2)", () => {
    const lone = LoneSession.open("server");
    lone.feed(frames.headers(1).request());
    const events = lone.feedEvents(frames.raw(2, 0, 1, Buffer.alloc(6)));
    assert.ok(events[0]?.type === "reset");
    assert.equal(events[0].message, "PRIORITY frame is 6 bytes, expected 5");
    assert.deepEqual(lone.sent(), ["RST_STREAM 1 FRAME_SIZE_ERROR"]);
  });

  it("SETTINGS are acknowledged each, unknown ones passed over (h2spec 6.5.3/2, 6.5.2)", () => {
    const lone = LoneSession.open("server");
    assert.deepEqual(lone.feed(frames.settings(0xff, 1), frames.settings(), frames.settings(3, 1)), [
      "settings",
      "settings",
      "settings",
    ]);
    assert.deepEqual(lone.sent(), ["SETTINGS ACK", "SETTINGS ACK", "SETTINGS ACK"]);
    assert.deepEqual(lone.feed(frames.settingsAck()), []);
    assert.deepEqual(lone.sent(), []);
  });
});

describe("Http2Session: answers that the peer does not read", () => {
  const limits = { maxQueuedControlFrames: 10 };
  const floods: [string, (i: number) => Part][] = [
    ["PING", () => frames.ping()],
    ["SETTINGS", () => frames.settings()],
    ["refused streams", (i) => frames.headers(2 * i + 1).fields("bad", "request")],
    ["R13 grpc-go GO-2026-6061: DATA on closed streams", (i) => bytesOfClosed(i)],
    [
      "streams that we were made to reset",
      (i) =>
        Buffer.concat([
          frames
            .headers(2 * i + 1)
            .request()
            .build(),
          frames.windowUpdate(2 * i + 1, 0).build(),
        ]),
    ],
  ];

  function bytesOfClosed(i: number): Buffer {
    const id = 2 * i + 1;
    return Buffer.concat([frames.headers(id).request().build(), frames.rst(id, 8).build(), frames.data(id, 1).build()]);
  }

  for (const [what, part] of floods) {
    it(`${what}: reading pauses at the limit, and goes on when they have left`, () => {
      const lone = LoneSession.open("server", limits);
      const flood = Buffer.concat(Array.from({ length: 25 }, (_, i) => bytesOf(part(i))));
      lone.feed(flood);
      const answers = () => lone.sent().filter((text) => !text.startsWith("WINDOW_UPDATE"));
      assert.ok(lone.session.isReadingHeld);
      assert.equal(lone.session.counters.answerPauses, 1);
      assert.equal(answers().length, 10);
      lone.takeEvents();
      assert.ok(lone.session.isReadingHeld);
      assert.equal(answers().length, 10);
      lone.takeEvents();
      assert.ok(!lone.session.isReadingHeld && !lone.session.closed);
      assert.equal(answers().length, 5);
      assert.equal(lone.session.counters.answerPauses, 2);
    });
  }

  it("hold back the end of the peer's bytes too", () => {
    const lone = LoneSession.open("server", limits);
    const pings = Array.from({ length: 12 }, () => frames.ping());
    lone.feed(...pings);
    lone.session.receiveEnd(0);
    assert.deepEqual(lone.events(), []);
    lone.sent();
    assert.deepEqual(lone.events(), ["closed NO_ERROR remote"]);
    assert.equal(lone.sent().length, 2);
  });

  it("do not count when they are taken, nor do our own pings", () => {
    const lone = LoneSession.open("server", limits);
    for (let i = 0; i < 50; i++) {
      lone.feed(frames.ping(), frames.settings());
      for (let own = 0; own < 20; own++) lone.session.ping(Buffer.alloc(8));
      lone.sent();
    }
    assert.equal(lone.session.counters.answerPauses, 0);
    assert.ok(!lone.session.closed && !lone.session.isReadingHeld);
  });
});
