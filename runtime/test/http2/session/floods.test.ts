/** What a peer may legally send and sends too much of: each flood ends its connection, and honest traffic never does. */
import assert from "node:assert/strict";
import { HeaderBlock } from "../../../src/hpack/header-block.js";
import type { Http2Limits } from "../../../src/http2/limits.js";
import { frames, type Part, settingId } from "../../support/frames.js";
import { LoneSession } from "../lone-session.js";

const request = new HeaderBlock([":method", "POST", ":scheme", "http", ":path", "/s/m"]);
const response = new HeaderBlock([":status", "200"]);
const never = Number.POSITIVE_INFINITY;

/** Feeds one part after the other, `msEach` apart; how many were taken before the connection ended, and its sentence. */
function flood(
  lone: LoneSession,
  count: number,
  msEach: number,
  part: (i: number) => Part,
): { readonly taken: number; readonly message: string } {
  for (let i = 0; i < count; i++) {
    lone.now += msEach;
    const events = lone.feedEvents(part(i));
    if (!lone.session.closed) {
      lone.sentBytes();
      continue;
    }
    const sent = lone.sent();
    assert.match(sent.at(-1) ?? "", /^GOAWAY \d+ ENHANCE_YOUR_CALM$|RST_STREAM/);
    assert.ok(sent.some((text) => /^GOAWAY \d+ ENHANCE_YOUR_CALM$/.test(text)));
    return { taken: i, message: LoneSession.closedMessage(events) };
  }
  return { taken: never, message: "" };
}

function openServer(limits: Partial<Http2Limits> = {}): LoneSession {
  return LoneSession.open("server", limits);
}

const idOf = (i: number) => 2 * i + 1;

describe("Http2Session: floods", () => {
  it("R78 CVE-2019-9515: SETTINGS, above ten a second over ten seconds", () => {
    const { taken, message } = flood(openServer(), 10_000, 1, () => frames.settings());
    assert.equal(taken, 100, "one opened the connection, one was given back meanwhile");
    assert.equal(message, "SETTINGS frames come faster than 10 a second (maxSettingsPerSecond)");
    assert.equal(flood(openServer(), 10_000, 101, () => frames.settings()).taken, never);
  });

  it("R77 CVE-2019-9512: PING, of which a thousand may come without HEADERS or DATA", () => {
    const { taken, message } = flood(openServer(), 10_000, 0.01, () => frames.ping());
    assert.equal(taken, 1000);
    assert.equal(message, "more than 1000 PING frames came without HEADERS or DATA (maxPings)");
    assert.equal(flood(openServer(), 20_000, 101, () => frames.ping()).taken, never, "ten a second for half an hour");
  });

  it("PINGs among DATA in either direction measure bandwidth, and never end the connection", () => {
    const receiving = openServer();
    receiving.feed(frames.headers(1).request());
    const upload = flood(receiving, 5000, 0.1, (i) => (i % 2 === 0 ? frames.ping() : frames.data(1, 1)));
    assert.equal(upload.taken, never);
    const sending = openServer();
    sending.feed(frames.headers(1).request(), frames.windowUpdate(1, 100_000));
    sending.session.sendHeaders(1, response, false);
    for (let i = 0; i < 5000; i++) {
      sending.sendMessage(1, Buffer.alloc(1));
      sending.feed(frames.ping());
      sending.sent();
    }
    assert.ok(!sending.session.closed);
  });

  it("WINDOW_UPDATE, beyond ten for each DATA frame that we sent and a thousand more", () => {
    const lone = openServer();
    const { taken, message } = flood(lone, 10_000, 0.1, () => frames.windowUpdate(0, 1));
    assert.equal(taken, 1000);
    assert.equal(message, "1001 WINDOW_UPDATE frames came for 0 DATA frames, limit 1000 (maxWindowUpdates)");
    const busy = LoneSession.open("client", {}, settingId.INITIAL_WINDOW_SIZE, 1 << 20);
    const id = busy.session.openStream(request, false) as number;
    busy.sent();
    for (let i = 0; i < 2000; i++) {
      busy.sendMessage(id, Buffer.alloc(16));
      busy.feed(...Array.from({ length: 5 }, () => [frames.windowUpdate(0, 16), frames.windowUpdate(id, 16)]).flat());
      busy.sent();
    }
    assert.ok(!busy.session.closed, "ten for each DATA frame");
  });

  it("WINDOW_UPDATE for streams without DATA of ours, as C-core sends one for each call", () => {
    const failing = openServer();
    for (let i = 0; i < 3000; i++) {
      const call = frames.headers(idOf(i)).request().endStream();
      failing.feed(call, frames.windowUpdate(0, 5), frames.windowUpdate(idOf(i), 5));
      failing.session.sendHeaders(idOf(i), response, true);
      failing.sent();
    }
    assert.ok(!failing.session.closed, "calls that all fail");
    const waiting = LoneSession.open("client", {}, settingId.MAX_CONCURRENT_STREAMS, 5000);
    for (let i = 0; i < 3000; i++) {
      const id = waiting.session.openStream(request, false) as number;
      waiting.sent();
      waiting.feed(frames.windowUpdate(0, 5), frames.windowUpdate(id, 5));
    }
    assert.ok(!waiting.session.closed, "streams that wait for a message");
    const { taken, message } = flood(failing, 10_000, 0.1, () => frames.windowUpdate(0, 1));
    assert.equal(taken, 1000);
    assert.equal(message, "7001 WINDOW_UPDATE frames came for 0 DATA frames, limit 7000 (maxWindowUpdates)");
  });

  it("WINDOW_UPDATE for every 4 KiB of large DATA frames are as many as Go's server sends", () => {
    const large = 1 << 30;
    const lone = LoneSession.open(
      "client",
      {},
      settingId.INITIAL_WINDOW_SIZE,
      large,
      settingId.MAX_FRAME_SIZE,
      1 << 20,
    );
    const id = lone.session.openStream(request, false) as number;
    lone.feed(frames.windowUpdate(0, large));
    for (let i = 0; i < 200; i++) {
      lone.session.sendData(id, Buffer.alloc(64 * 1024), false);
      lone.sent();
      lone.feed(...Array.from({ length: 32 }, (_, n) => frames.windowUpdate(n % 2 === 0 ? 0 : id, 4096)));
    }
    assert.ok(!lone.session.closed);
  });

  it("R25 h2 RUSTSEC-2026-0258, CVE-2019-9518: empty DATA that does not end its stream, padded or not", () => {
    for (const empty of [frames.data(1, 0), frames.data(1, 0).padded(20)]) {
      const lone = openServer();
      lone.feed(frames.headers(1).request());
      const { taken, message } = flood(lone, 1000, 0.1, () => empty);
      assert.equal(taken, 100);
      assert.equal(message, "more than 100 empty DATA frames came (maxEmptyDataFrames)");
    }
    const calls = flood(openServer(), 1000, 0.1, (i) =>
      Buffer.concat([
        frames.headers(idOf(i)).request().build(),
        frames.data(idOf(i), 0).endStream().build(),
        frames.rst(idOf(i), 0).build(),
      ]),
    );
    assert.ok(!calls.message.includes("empty"), "an empty DATA frame that ends its stream is how a call half-closes");
  });

  const useless: Record<string, Part> = {
    PRIORITY: frames.priority(5, 3),
    "frames of unknown types": frames.raw(0x42, 0, 0, Buffer.alloc(4)),
    ALTSVC: frames.raw(0x0a, 0, 0, Buffer.alloc(4)),
    "R79 CVE-2019-9514: RST_STREAM of a closed stream": frames.rst(1, 8),
    "answers to no PING": frames.pingAck(Buffer.alloc(8)),
    "acknowledgements of no SETTINGS": frames.settingsAck(),
    "HEADERS of a stream that we have reset": frames.headers(3).request(),
  };
  for (const [what, part] of Object.entries(useless)) {
    it(`${what}: ten thousand, given back at 330 a second`, () => {
      const open = () => {
        const lone = openServer();
        lone.feed(frames.headers(1).request(), frames.rst(1, 8), frames.headers(3).request());
        lone.session.resetStream(3, 8);
        lone.sent();
        return lone;
      };
      const { taken, message } = flood(open(), 30_000, 0, () => part);
      assert.ok(taken >= 10_000 && taken <= 10_004, `${taken} were taken`);
      assert.equal(message, "more than 10000 frames came that change nothing (maxUselessFrames)");
      assert.equal(flood(open(), 30_000, 4, () => part).taken, never);
    });
  }

  it("R111 CVE-2023-44487: streams that are opened and reset, in one chunk or later", () => {
    const lone = openServer();
    const { taken, message } = flood(lone, 10_000, 0.02, (i) =>
      Buffer.concat([frames.headers(idOf(i)).request().build(), frames.rst(idOf(i), 8).build()]),
    );
    assert.equal(taken, 201);
    assert.match(message, /^201 streams ended too early within 10 seconds, limit 200 where they are more than half/);
    assert.equal(lone.session.counters.prematureResets, 201);
  });

  it("resets of streams that were answered, or that are older, are no flood", () => {
    const answered = openServer();
    const first = flood(answered, 2000, 0.1, (i) => {
      if (i % 2 === 1) return frames.rst(idOf(i - 1), 8);
      return frames.headers(idOf(i)).request();
    });
    assert.ok(first.taken < 1000);
    const reading = openServer();
    for (let i = 0; i < 2000; i++) {
      reading.feed(frames.headers(idOf(i)).request().endStream());
      reading.session.sendHeaders(idOf(i), response, false);
      reading.feed(frames.rst(idOf(i), 8));
      reading.sent();
    }
    assert.ok(!reading.session.closed, "whoever reads the first message and leaves");
    const late = flood(openServer({ maxConcurrentStreams: 5000 }), 4000, 0.1, (i) => {
      return i < 2000 ? frames.headers(idOf(i)).request() : frames.rst(idOf(i - 2000), 8);
    });
    assert.equal(late.taken, never, "200 ms old");
  });

  it("never on 1,000 deadlines that pass at once, nor on 5,000 calls a second with 10 % cancelled", () => {
    const deadlines = openServer();
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 1000; i++)
        deadlines.feed(
          frames
            .headers(idOf(1000 * round + i))
            .request()
            .endStream(),
        );
      deadlines.now += 20;
      for (let i = 0; i < 1000; i++) deadlines.feed(frames.rst(idOf(1000 * round + i), 8));
      deadlines.sent();
      deadlines.now += 5000;
    }
    assert.ok(!deadlines.session.closed);
    const busy = openServer();
    for (let i = 0; i < 300_000; i++) {
      busy.now = i * 0.2;
      const id = idOf(i);
      if (i % 10 === 0) {
        busy.feed(frames.headers(id).request(), frames.rst(id, 8));
      } else {
        busy.feed(frames.headers(id).request().endStream());
        busy.session.sendHeaders(id, response, true);
      }
      if (i % 1000 === 0) busy.sentBytes();
    }
    assert.ok(!busy.session.closed);
  }).timeout(20_000);

  it("R91 CVE-2025-8671: streams that we are made to reset, each in its own way", () => {
    const ways: Record<string, (id: number) => Part[]> = {
      "an increment of 0": (id) => [frames.headers(id).request(), frames.windowUpdate(id, 0)],
      "a window above 2^31-1": (id) => [frames.headers(id).request(), frames.windowUpdate(id, 0x7fffffff)],
      "DATA behind the end": (id) => [frames.headers(id).request().endStream(), frames.data(id, 1)],
      "PRIORITY of a wrong size": (id) => [frames.headers(id).request(), frames.raw(2, 0, id, Buffer.alloc(6))],
      "a malformed request": (id) => [frames.headers(id).fields("bad", "request")],
      "content-length that does not add up": (id) => [
        frames.headers(id).fields(":method", "POST", ":scheme", "http", ":path", "/s/m", "content-length", "1"),
        frames.data(id, 2),
      ],
    };
    for (const [what, parts] of Object.entries(ways)) {
      const lone = openServer();
      const { taken } = flood(lone, 1000, 0.1, (i) => Buffer.concat(parts(idOf(i)).map((part) => toBuffer(part))));
      assert.equal(taken, 200, what);
      assert.equal(lone.session.counters.provokedResets, 201, what);
    }
  });

  it("DATA that goes on behind a reset, beyond the window that its stream had", () => {
    const lone = openServer({ streamWindowBytes: 100_000 });
    lone.feed(frames.headers(1).request(), frames.data(1, 10_000));
    lone.session.resetStream(1, 8);
    for (let i = 0; i < 9; i++) assert.deepEqual(lone.feed(frames.data(1, 10_000)), [], "it was on its way");
    const events = lone.feedEvents(frames.data(1, 1));
    assert.equal(
      LoneSession.closedMessage(events),
      "DATA on stream 1 goes on behind its reset, beyond the window that it had then",
    );
    assert.ok(lone.sent().includes("GOAWAY 1 FLOW_CONTROL_ERROR"));
  });

  it("DATA of no bytes behind a reset, and DATA of streams that are long forgotten", () => {
    const empty = openServer();
    empty.feed(frames.headers(1).request());
    empty.session.resetStream(1, 8);
    const { taken, message } = flood(empty, 30_000, 0, () => frames.data(1, 0));
    assert.equal(taken, 10_004);
    assert.equal(message, "more than 10000 frames came that change nothing (maxUselessFrames)");
    const forgotten = openServer();
    for (let i = 0; i < 1200; i++) {
      forgotten.feed(frames.headers(idOf(i)).request());
      forgotten.session.resetStream(idOf(i), 8);
      forgotten.sentBytes();
    }
    assert.equal(flood(forgotten, 30_000, 0, () => frames.data(1, 1)).taken, 10_000 + 4 * 1200);
  });

  it("the limit of streams holds before our SETTINGS are acknowledged, and is then forgiven", () => {
    const lone = new LoneSession("server", { maxConcurrentStreams: 10 });
    lone.feed(Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), frames.settings());
    for (let i = 0; i < 1000; i++) {
      lone.feed(frames.headers(idOf(i)).request().endStream());
      lone.sentBytes();
    }
    assert.equal(lone.session.openStreams, 10);
    assert.equal(lone.session.counters.streamsRefused, 990);
    assert.ok(!lone.session.closed);
    lone.feed(frames.settingsAck());
    const after = flood(lone, 2000, 0.1, (i) =>
      frames
        .headers(idOf(1000 + i))
        .request()
        .endStream(),
    );
    assert.ok(after.taken < 2000, "whoever knows and goes on");
  });

  it("R35 node CVE-2026-56846: what header lists keep is counted until their streams end", () => {
    const lone = openServer({ maxRetainedHeaderBytes: 100_000 });
    const token = "x".repeat(3000);
    const list = frames.headers(1).request().build();
    assert.ok(list.length < 100);
    const open = (i: number) =>
      lone.feed(
        frames
          .headers(idOf(i))
          .fields(":method", "POST", ":scheme", "http", ":path", "/s/m", "authorization", `${token}${i}`)
          .endStream(),
      ).length;
    let opened = 0;
    for (let i = 0; i < 100; i++) opened += open(i);
    assert.ok(opened >= 30 && opened <= 33, `${opened} were opened`);
    assert.ok(lone.session.retainedHeaderBytes <= 100_000);
    assert.equal(lone.session.counters.headersRefused, 100 - opened);
    assert.ok(lone.sent().includes("RST_STREAM 199 REFUSED_STREAM"));
    for (let i = 0; i < opened; i++) lone.session.sendHeaders(idOf(i), response, true);
    assert.equal(lone.session.retainedHeaderBytes, 0);
    assert.equal(open(100), 1);
  });
});

function toBuffer(part: Part): Buffer {
  return Buffer.isBuffer(part) ? part : Buffer.from("build" in part ? part.build() : part);
}

describe("Http2Session: a turn's streams", () => {
  const opening = (count: number, from = 0) =>
    Buffer.concat(
      Array.from({ length: count }, (_, i) =>
        frames
          .headers(idOf(from + i))
          .request()
          .endStream()
          .build(),
      ),
    );

  it("are opened up to the number allowed; the rest of the input waits", () => {
    const lone = openServer();
    lone.session.allowStreams(32, 0);
    assert.equal(lone.feed(opening(100)).length, 32);
    assert.ok(lone.session.isReadingHeld);
    assert.equal(lone.session.counters.streamPauses, 1);
    assert.deepEqual(lone.events(), []);
    assert.equal(lone.session.counters.streamPauses, 1);
    for (const expected of [32, 32, 4]) {
      lone.session.allowStreams(32, 0);
      assert.equal(lone.takeEvents().length, expected);
    }
    assert.ok(!lone.session.isReadingHeld);
  });

  it("count refused ones too, and nothing else is held up", () => {
    const lone = openServer({ maxConcurrentStreams: 1 });
    lone.session.allowStreams(3, 0);
    assert.equal(lone.feed(opening(3), frames.ping(), opening(1, 3), frames.ping()).length, 1);
    const pongs = () => lone.sent().filter((text) => text.startsWith("PING ACK")).length;
    assert.equal(pongs(), 1, "what stands before the next new stream is read");
    lone.session.allowStreams(3, 0);
    lone.takeEvents();
    assert.equal(pongs(), 1);
    assert.equal(lone.session.counters.streamsRefused, 3);
  });

  it("leave nothing of the streams before them unread: their resets come in time", () => {
    const lone = openServer();
    lone.session.allowStreams(1, 0);
    const chunk = Buffer.concat([opening(1), frames.rst(1, 8).build(), opening(1, 1)]);
    assert.deepEqual(lone.feed(chunk), ["headers 1 END_STREAM", "reset 1 CANCEL remote"]);
    lone.session.receiveEnd(0);
    assert.deepEqual(lone.events(), []);
    lone.session.allowStreams(1, 0);
    assert.deepEqual(lone.events(), ["headers 3 END_STREAM", "closed NO_ERROR remote"]);
  });

  it("are without number as long as nobody says otherwise", () => {
    const lone = openServer({ maxNewStreamsPerTurn: 1 });
    assert.equal(lone.feed(opening(500)).length, 500);
  });
});
