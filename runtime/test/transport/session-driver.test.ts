import assert from "node:assert/strict";
import { HeaderBlock } from "../../src/hpack/header-block.js";
import { ErrorCode } from "../../src/http2/error-code.js";
import { defaultHttp2Limits } from "../../src/http2/limits.js";
import { Http2Session } from "../../src/http2/session.js";
import type { SessionEvent } from "../../src/http2/session-event.js";
import { SessionDriver, type SessionOwner } from "../../src/transport/session-driver.js";
import { FakePlatform } from "../support/fake-platform.js";
import { bytesOf, clientPreface, describeFrame, frames, type Part, parseFrames, settingId } from "../support/frames.js";
import { ScriptedStream } from "./scripted-stream.js";

const maxUnsentBytes = 10_000;
const response = new HeaderBlock([":status", "200"]);

/** A server's session between a stream and an owner that are played by hand. */
class DriverFixture implements SessionOwner {
  readonly platform = new FakePlatform();
  readonly stream = new ScriptedStream();
  readonly session: Http2Session;
  readonly driver: SessionDriver;
  /** `headers`, `data`, ..., `batch`, `turn`, `gone <reason>`. */
  readonly told: string[] = [];
  fault: Error | undefined;
  rests = 0;
  handle: (event: SessionEvent) => void = () => undefined;
  onBatch: () => void = () => undefined;
  onTurn: () => void = () => undefined;
  timeoutAt = Number.POSITIVE_INFINITY;
  #seen = 0;

  constructor(handshakeTimeoutMs = 20_000) {
    this.session = new Http2Session("server", { ...defaultHttp2Limits, handshakeTimeoutMs }, this.platform.now());
    this.driver = new SessionDriver(this.session, this.stream, this.platform, this, {
      maxUnsentBytes,
      maxNewStreamsPerTurn: 32,
    });
    this.driver.schedule();
  }

  /** Has greeted, and has windows that nobody uses up. */
  static open(): DriverFixture {
    const fixture = new DriverFixture();
    const large = 0x7fff0000;
    fixture.receive(
      clientPreface,
      frames.settings(settingId.INITIAL_WINDOW_SIZE, large),
      frames.windowUpdate(0, large),
    );
    fixture.platform.runTurns();
    fixture.sent();
    fixture.told.length = 0;
    fixture.stream.writes.length = 0;
    fixture.#seen = 0;
    return fixture;
  }

  receive(...parts: Part[]): void {
    this.driver.onData(bytesOf(...parts));
  }

  /** Frames written since the last time. */
  sent(): string[] {
    const bytes = this.stream.bytes;
    const found = parseFrames(bytes.subarray(this.#seen)).map(describeFrame);
    this.#seen = bytes.length;
    return found;
  }

  onEvent(event: SessionEvent): void {
    this.told.push(event.type);
    this.handle(event);
  }

  onTurnStart(): void {}

  onBatchEnd(): void {
    this.told.push("batch");
    this.onBatch();
  }

  onTurnEnd(): void {
    this.told.push("turn");
    this.onTurn();
  }

  nextTimeout(): number {
    return this.timeoutAt;
  }

  onTimeout(now: number): void {
    this.told.push(`timeout ${now}`);
    this.timeoutAt = Number.POSITIVE_INFINITY;
  }

  onRest(): void {
    this.rests += 1;
  }

  onClosed(reason: string, fault: Error | undefined): void {
    this.told.push(`gone ${reason}`);
    this.fault = fault;
  }
}

const request = (id: number) => frames.headers(id).request();

describe("session driver", () => {
  it("tells what a chunk brought at once, and then that it was all", () => {
    const fixture = DriverFixture.open();
    fixture.receive(request(1), frames.data(1, "x"), request(3).endStream());
    assert.deepEqual(fixture.told, ["headers", "data", "headers", "batch"]);
  });

  it("writes once a turn what was commanded in it", () => {
    const fixture = DriverFixture.open();
    fixture.receive(request(1), request(3), frames.ping());
    for (const id of [1, 3]) {
      fixture.session.sendHeaders(id, response, true);
      fixture.driver.schedule();
    }
    assert.equal(fixture.stream.writes.length, 0);
    fixture.platform.runTurns();
    assert.equal(fixture.stream.writes.length, 1);
    assert.deepEqual(fixture.sent(), ["PING ACK 12345678", "HEADERS 1 END_STREAM", "HEADERS 3 END_STREAM"]);
    fixture.driver.schedule();
    fixture.platform.runTurns();
    assert.equal(fixture.stream.writes.length, 1, "there is nothing to write");
    assert.deepEqual(fixture.told.slice(-1), ["turn"]);
  });

  describe("ahead of the turn", () => {
    const kilobyte = 1024;

    function openWithMessages(): { fixture: DriverFixture; send: (kilobytes: number) => void } {
      const fixture = DriverFixture.open();
      const { session, driver } = fixture;
      fixture.receive(request(1));
      session.sendHeaders(1, response, false);
      fixture.platform.runTurns();
      fixture.stream.writes.length = 0;
      const send = (kilobytes: number) => {
        for (let i = 0; i < kilobytes; i++) {
          // With the header of its frame.
          session.beginData(1, 0).append(Buffer.alloc(kilobyte - 9));
          session.endData(false);
          driver.schedule();
        }
      };
      return { fixture, send };
    }

    it("writes what is much, and the more it was the less often", () => {
      const { fixture, send } = openWithMessages();
      const { stream, platform } = fixture;
      const counts: number[] = [];
      for (let i = 0; i < 14; i++) {
        send(1);
        counts.push(stream.writes.length);
      }
      assert.deepEqual(counts, [0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2]);
      platform.runTurns();
      assert.equal(stream.writes.length, 3);
      send(4);
      assert.equal(stream.writes.length, 4, "in another turn the bar is where it was");
      assert.equal(fixture.sent().filter((frame) => frame.startsWith("DATA")).length, 18);
    });

    it("writes nothing amid a batch of events, and nothing to a stream that says stop", () => {
      const { fixture, send } = openWithMessages();
      const { stream, platform } = fixture;
      fixture.handle = () => {
        send(5);
        assert.equal(stream.writes.length, 0);
      };
      fixture.receive(frames.data(1, "x"));
      assert.equal(stream.writes.length, 1, "it is written behind the batch");
      platform.runTurns();
      stream.writable = false;
      send(20);
      assert.equal(stream.writes.length, 2);
      platform.runTurns();
      assert.equal(stream.writes.length, 2);
    });
  });

  it("stops writing when the stream says so, and goes on when it has drained", () => {
    const fixture = DriverFixture.open();
    fixture.stream.writable = false;
    fixture.receive(request(1), frames.ping());
    fixture.platform.runTurns();
    assert.deepEqual(fixture.sent(), ["PING ACK 12345678"]);
    fixture.session.sendHeaders(1, response, true);
    fixture.driver.schedule();
    fixture.receive(frames.ping());
    fixture.platform.runTurns();
    assert.deepEqual(fixture.sent(), []);
    fixture.stream.writable = true;
    fixture.driver.onDrain();
    fixture.platform.runTurns();
    assert.deepEqual(fixture.sent().sort(), ["HEADERS 1 END_STREAM", "PING ACK 12345678"]);
  });

  it("keeps what was written as it is while the stream holds it", () => {
    const fixture = DriverFixture.open();
    const { stream, session, driver, platform } = fixture;
    fixture.receive(request(1));
    session.sendHeaders(1, response, false);
    driver.schedule();
    platform.runTurns();
    const message = (fill: string): void => {
      session.beginData(1, 0).append(Buffer.alloc(1000, fill));
      session.endData(false);
      driver.schedule();
      platform.runTurns();
    };
    stream.pendingBytes = 1;
    for (const fill of ["a", "b", "c"]) message(fill);
    assert.deepEqual(Buffer.concat(stream.chunks.slice(-3)), stream.bytes.subarray(-3 * 1009));
    stream.pendingBytes = 0;
    message("d");
    const memory = stream.chunks.at(-1)?.buffer;
    message("e");
    const last = stream.chunks.at(-1);
    assert.equal(last?.buffer, memory);
    assert.equal(last?.byteOffset, 0, "what has left is written over");
  });

  it("ends a connection whose peer makes us speak and does not listen", () => {
    const fixture = DriverFixture.open();
    const { stream, platform, session, driver } = fixture;
    stream.writable = false;
    fixture.receive(frames.ping());
    platform.runTurns();
    let id = 1;
    for (; !session.closed && id < 10_000; id += 2) {
      fixture.receive(request(id).endStream());
      session.sendHeaders(id, response, true);
      driver.schedule();
      platform.runTurns();
    }
    assert.ok(id > 1000 && id < 3000, `ended behind stream ${id}`);
    assert.equal(stream.writes.length, 1);
    const sentence = "10010 bytes wait for the peer to read, limit 10000 (maxUnsentBytes)";
    assert.deepEqual(stream.asked, [`destroy ${sentence}`]);
    driver.onClose();
    assert.equal(fixture.fault?.message, sentence);
    platform.assertQuiet();
  });

  it("does not mind what waits for windows", () => {
    const fixture = DriverFixture.open();
    const { stream, platform, session, driver } = fixture;
    stream.writable = false;
    fixture.receive(request(1), frames.ping());
    session.sendHeaders(1, response, false);
    session.sendData(1, Buffer.alloc(100_000), false);
    driver.schedule();
    platform.runTurns();
    fixture.receive(frames.ping());
    platform.runTurns();
    assert.equal(session.closed, false);
  });

  it("lets others have their turn when the stream never says stop", () => {
    const fixture = DriverFixture.open();
    const { stream, session, driver, platform } = fixture;
    fixture.receive(request(1));
    session.sendHeaders(1, response, false);
    const chunk = Buffer.alloc(1 << 20);
    // As a stream that is ever writable: each time there is room there is more to send.
    fixture.handle = (event) => {
      if (event.type === "writable" && stream.writes.length < 40) session.sendData(1, chunk, false);
    };
    session.sendData(1, chunk, false);
    driver.schedule();
    let writesBefore = -1;
    platform.scheduleTurn(() => {
      writesBefore = stream.writes.length;
      platform.scheduleTurn(() => platform.scheduleTurn(() => assert.ok(stream.writes.length <= 4 * 4)));
    });
    platform.runTurns();
    assert.ok(writesBefore > 0 && writesBefore <= 4, `${writesBefore} writes in a turn`);
    assert.ok(stream.writes.length >= 40);
  });

  describe("time", () => {
    it("is told to the session when it asked for it", () => {
      const fixture = new DriverFixture(500);
      fixture.platform.runTurns();
      assert.equal(fixture.platform.timers, 1);
      fixture.platform.advance(499);
      assert.deepEqual(fixture.told, ["turn"]);
      fixture.platform.advance(1);
      assert.deepEqual(fixture.told, ["turn", "closed", "turn"]);
      assert.deepEqual(fixture.sent().slice(-1), ["GOAWAY 0 SETTINGS_TIMEOUT"]);
      assert.deepEqual(fixture.stream.asked, ["end"]);
    });

    it("is not asked for twice, and is given up when it is not needed", () => {
      const fixture = new DriverFixture();
      fixture.platform.runTurns();
      const before = fixture.platform.nextTimerAt;
      // The first look at whether anything happens.
      assert.equal(before, fixture.platform.now() + 1000);
      fixture.receive(clientPreface.subarray(0, 10));
      fixture.platform.advance(5);
      assert.equal(fixture.platform.timers, 1);
      assert.equal(fixture.platform.nextTimerAt, before);
      fixture.receive(clientPreface.subarray(10), frames.settings());
      fixture.platform.advance(2000);
      assert.equal(fixture.rests, 1);
      assert.equal(fixture.platform.timers, 0);
      fixture.session.drain(fixture.platform.now());
      fixture.driver.schedule();
      fixture.platform.runTurns();
      assert.equal(fixture.platform.timers, 1, "of the drain");
      assert.equal(fixture.platform.holdingTimers, 0);
    });
  });

  describe("the end", () => {
    it("of the session lets its last words leave, ends the stream, and waits for its close", () => {
      const fixture = DriverFixture.open();
      const { stream, platform, told } = fixture;
      fixture.receive(request(1), frames.data(0, "x"));
      assert.deepEqual(told, ["headers", "closed", "batch"]);
      platform.runTurns();
      assert.deepEqual(fixture.sent(), ["GOAWAY 1 PROTOCOL_ERROR"]);
      assert.deepEqual(stream.asked, ["end"]);
      fixture.driver.onEnd();
      fixture.driver.onClose();
      assert.deepEqual(told.slice(3), ["turn", "gone DATA frame on stream 0"]);
      assert.equal(fixture.fault?.message, "DATA frame on stream 0");
      platform.runTurns();
      platform.assertQuiet();
    });

    it("comes by force when the stream does not close within a second", () => {
      const fixture = DriverFixture.open();
      fixture.session.close(ErrorCode.NO_ERROR, "enough");
      fixture.driver.schedule();
      fixture.platform.advance(999);
      assert.deepEqual(fixture.stream.asked, ["end"]);
      fixture.platform.advance(1);
      assert.deepEqual(fixture.stream.asked, ["end", "destroy enough"]);
      fixture.driver.onClose(new Error("destroyed"));
      assert.equal(fixture.told.at(-1), "gone enough");
      assert.equal(fixture.fault, undefined);
      fixture.platform.assertQuiet();
    });

    it("waits for a stream that is blocked, and its last words are not lost", () => {
      const fixture = DriverFixture.open();
      const { stream, platform, driver } = fixture;
      stream.writable = false;
      fixture.receive(request(1), frames.ping());
      platform.runTurns();
      fixture.sent();
      fixture.session.sendHeaders(1, response, true);
      fixture.session.close(ErrorCode.NO_ERROR, "enough");
      driver.schedule();
      platform.runTurns();
      assert.deepEqual(stream.asked, []);
      stream.writable = true;
      driver.onDrain();
      platform.runTurns();
      assert.deepEqual(fixture.sent().sort(), ["GOAWAY 1 NO_ERROR", "HEADERS 1 END_STREAM"]);
      assert.deepEqual(stream.asked, ["end"]);
    });

    it("comes by force when the stream stays blocked", () => {
      const fixture = DriverFixture.open();
      fixture.stream.writable = false;
      fixture.receive(frames.ping());
      fixture.platform.runTurns();
      fixture.session.close(ErrorCode.NO_ERROR, "enough");
      fixture.driver.schedule();
      fixture.platform.advance(1000);
      assert.deepEqual(fixture.stream.asked, ["destroy enough"]);
    });

    describe("of a session that was drained", () => {
      function drained(): DriverFixture {
        const fixture = DriverFixture.open();
        fixture.session.drain(fixture.platform.now());
        fixture.driver.schedule();
        fixture.platform.advance(20_000);
        assert.ok(fixture.session.drained);
        fixture.stream.pendingBytes = 1000;
        fixture.session.close(ErrorCode.NO_ERROR, "the connection was drained");
        fixture.driver.schedule();
        fixture.platform.runTurns();
        return fixture;
      }

      it("waits for its last bytes as long as some of them leave in each second", () => {
        const { platform, stream } = drained();
        for (const left of [999, 500, 1]) {
          stream.pendingBytes = left;
          platform.advance(1000);
          assert.deepEqual(stream.asked, ["end"], `${left} bytes left`);
        }
        platform.advance(1000);
        assert.deepEqual(stream.asked, ["end", "destroy the connection was drained"]);
      });

      it("comes by force when they have all left and the stream does not close", () => {
        const { platform, stream } = drained();
        stream.pendingBytes = 0;
        platform.advance(1000);
        assert.deepEqual(stream.asked, ["end", "destroy the connection was drained"]);
      });

      it("comes by force within a second when somebody is in a hurry", () => {
        const { platform, stream, driver } = drained();
        stream.pendingBytes = 500;
        platform.advance(1000);
        driver.hurry();
        stream.pendingBytes = 100;
        platform.advance(1000);
        assert.deepEqual(stream.asked, ["end", "destroy the connection was drained"]);
      });
    });

    it("reads little more of a peer that broke the protocol, and waits half a second for it", () => {
      const fixture = DriverFixture.open();
      const { stream, platform, driver } = fixture;
      fixture.receive(frames.data(0, 1), frames.ping());
      platform.runTurns();
      assert.deepEqual(fixture.sent(), ["GOAWAY 0 PROTOCOL_ERROR"]);
      driver.onData(Buffer.alloc(64 * 1024));
      assert.deepEqual(stream.asked, ["end"], "its own end is still seen");
      driver.onData(bytesOf(frames.ping()));
      assert.deepEqual(stream.asked, ["end", "pause"]);
      platform.advance(499);
      assert.deepEqual(stream.asked, ["end", "pause"]);
      platform.advance(1);
      assert.deepEqual(stream.asked, ["end", "pause", "destroy DATA frame on stream 0"]);
    });

    it("does not resume a stream that was paused amid a flood", () => {
      const fixture = DriverFixture.open();
      const { stream, platform } = fixture;
      const opening = Array.from({ length: 300 }, (_, i) => [request(2 * i + 1), frames.rst(2 * i + 1, 8)]).flat();
      fixture.receive(...opening);
      platform.runTurns();
      assert.ok(fixture.sent().some((text) => text.endsWith("ENHANCE_YOUR_CALM")));
      assert.deepEqual(stream.asked, ["pause", "end"]);
    });

    it("tells a server nothing of what had not been read by then: no handler starts for nobody", () => {
      const fixture = DriverFixture.open();
      const requests = Array.from({ length: 33 }, (_, i) => request(2 * i + 1));
      fixture.receive(...requests, frames.data(1, 1));
      assert.deepEqual(fixture.stream.asked, ["pause"]);
      fixture.driver.onClose();
      assert.equal(fixture.told.filter((what) => what === "headers").length, 32);
      assert.ok(!fixture.told.includes("data"));
      assert.equal(fixture.told.at(-1), "gone the connection was closed");
    });

    it("does not cut off output of many writes", () => {
      const fixture = DriverFixture.open();
      const { stream, session, platform } = fixture;
      fixture.receive(request(1));
      session.sendHeaders(1, response, false);
      session.sendData(1, Buffer.alloc(3 << 20), true);
      session.close(ErrorCode.NO_ERROR, "enough");
      fixture.driver.schedule();
      platform.runTurns();
      assert.ok(stream.bytes.length > 3 << 20);
      assert.deepEqual(stream.asked, ["end"]);
    });

    it("is followed by no write, whatever is commanded", () => {
      const fixture = DriverFixture.open();
      const { stream, session, platform, driver } = fixture;
      fixture.receive(request(1), request(3));
      session.close(ErrorCode.NO_ERROR, "enough");
      driver.schedule();
      platform.runTurns();
      const written = stream.writes.length;
      session.resetStream(1, ErrorCode.CANCEL);
      session.sendHeaders(3, response, true);
      driver.schedule();
      driver.onDrain();
      driver.onData(bytesOf(frames.ping()));
      platform.runTurns();
      assert.equal(stream.writes.length, written);
      assert.deepEqual(stream.asked, ["end"]);
    });

    it("of the peer's direction ends the session", () => {
      const fixture = DriverFixture.open();
      fixture.receive(request(1), frames.data(1, "abc").build().subarray(0, 10));
      fixture.driver.onEnd();
      fixture.platform.runTurns();
      assert.deepEqual(fixture.told.slice(-2), ["closed", "turn"]);
      fixture.driver.onClose();
      assert.equal(fixture.told.at(-1), "gone the peer closed the connection amid a frame");
    });

    it("of the stream is told once, with its reason, and nothing is received behind it", () => {
      const fixture = DriverFixture.open();
      fixture.receive(request(1));
      fixture.driver.onClose(new Error("connection to x lost"));
      fixture.driver.onClose();
      fixture.receive(request(3));
      fixture.driver.onEnd();
      fixture.driver.onDrain();
      fixture.driver.schedule();
      fixture.platform.runTurns();
      assert.deepEqual(fixture.told, ["headers", "batch", "gone connection to x lost"]);
      assert.equal(fixture.session.closed, true);
      assert.equal(fixture.stream.writes.length, 0);
      fixture.platform.assertQuiet();
    });

    it("of a stream that closes without a word is told all the same", () => {
      const fixture = DriverFixture.open();
      fixture.driver.onClose();
      assert.deepEqual(fixture.told, ["gone the connection was closed"]);
    });
  });

  describe("a bug of ours", () => {
    const bugs: readonly [string, (fixture: DriverFixture) => void][] = [
      ["in an event", (fixture) => fixture.receive(request(1))],
      ["in the end of a batch", (fixture) => fixture.receive(frames.ping())],
      ["at the peer's end", (fixture) => fixture.driver.onEnd()],
      ["in a turn", (fixture) => fixture.driver.schedule()],
    ];
    for (const [where, act] of bugs) {
      it(`${where} ends this connection and nothing else`, () => {
        const fixture = DriverFixture.open();
        const bug = (): never => {
          throw new Error("a law is broken");
        };
        fixture.handle = bug;
        fixture.onBatch = bug;
        fixture.onTurn = bug;
        act(fixture);
        fixture.platform.runTurns();
        assert.deepEqual(fixture.stream.asked, ["destroy a law is broken"]);
        fixture.receive(request(3));
        fixture.driver.onClose(new Error("a law is broken"));
        assert.match(
          fixture.told.at(-1) ?? "",
          /^gone (internal error: a law is broken|the peer closed the connection)$/,
        );
        assert.equal(fixture.fault?.message, "a law is broken");
        fixture.platform.runTurns();
        fixture.platform.assertQuiet();
      });
    }
  });

  describe("the owner's timeouts", () => {
    it("share the one timer with the session's own", () => {
      const fixture = new DriverFixture(500);
      const begin = fixture.platform.now();
      fixture.timeoutAt = begin + 100;
      fixture.driver.schedule();
      fixture.platform.runTurns();
      assert.equal(fixture.platform.timers, 1);
      fixture.platform.advance(99);
      assert.ok(!fixture.told.some((what) => what.startsWith("timeout")));
      fixture.platform.advance(1);
      assert.ok(fixture.told.includes(`timeout ${begin + 100}`));
      fixture.platform.advance(400);
      assert.ok(fixture.told.includes("closed"), "the session's own came, too");
      assert.equal(fixture.told.filter((what) => what.startsWith("timeout")).length, 1);
    });

    it("do not come behind the end of the session", () => {
      const fixture = DriverFixture.open();
      fixture.timeoutAt = fixture.platform.now() + 100;
      fixture.driver.schedule();
      fixture.platform.runTurns();
      fixture.session.close(ErrorCode.NO_ERROR, "over");
      fixture.driver.schedule();
      fixture.platform.advance(100);
      assert.ok(!fixture.told.some((what) => what.startsWith("timeout")));
    });

    it("come in the turn behind the timer, when what had arrived has been read", () => {
      const f = DriverFixture.open();
      f.timeoutAt = f.platform.now() + 5000;
      f.driver.schedule();
      f.platform.runTurns();
      f.told.length = 0;
      f.platform.advance(4999);
      assert.deepEqual(f.told, []);
      const at = f.platform.now() + 1;
      f.platform.advance(1);
      assert.deepEqual(f.told, [`timeout ${at}`, "turn"]);
      f.platform.advance(2000);
      assert.equal(f.platform.timers, 0);
    });

    it("do not come when they have moved meanwhile", () => {
      const f = DriverFixture.open();
      f.timeoutAt = f.platform.now() + 5000;
      f.driver.schedule();
      f.platform.runTurns();
      f.timeoutAt += 1000;
      f.told.length = 0;
      f.platform.advance(5500);
      assert.deepEqual(f.told, []);
      f.platform.advance(500);
      assert.deepEqual(f.told, [`timeout ${f.platform.now()}`, "turn"]);
    });
  });

  describe("rest", () => {
    it("comes when nothing has happened for a second, or up to two, and once", () => {
      const f = DriverFixture.open();
      f.platform.advance(1999);
      assert.equal(f.rests, 0);
      f.platform.advance(1);
      assert.equal(f.rests, 1);
      f.platform.advance(100_000);
      assert.equal(f.rests, 1);
      assert.equal(f.platform.timers, 0);
      assert.deepEqual(f.told, []);
    });

    it("does not come while there are turns, which move no timer", () => {
      const f = DriverFixture.open();
      const { platform } = f;
      for (let i = 0; i < 20; i++) {
        const before = platform.nextTimerAt;
        f.receive(frames.ping());
        platform.runTurns();
        assert.equal(platform.nextTimerAt, before);
        platform.advance(700);
      }
      assert.equal(f.rests, 0);
    });

    it("is followed by another when something has happened meanwhile", () => {
      const f = DriverFixture.open();
      f.platform.advance(2000);
      f.receive(request(1).endStream());
      f.platform.runTurns();
      assert.deepEqual(f.told, ["headers", "batch", "turn"]);
      f.session.sendHeaders(1, response, true);
      f.driver.schedule();
      f.platform.advance(2000);
      assert.deepEqual(f.sent(), ["HEADERS 1 END_STREAM"]);
      assert.equal(f.rests, 2);
    });

    it("does not come while the peer does not take what was written", () => {
      const f = DriverFixture.open();
      f.stream.pendingBytes = 1;
      f.platform.advance(60_000);
      assert.equal(f.rests, 0);
      f.stream.pendingBytes = 0;
      f.platform.advance(2000);
      assert.equal(f.rests, 1);
    });

    it("is no reason for the process to live, and does not come behind the end", () => {
      const f = DriverFixture.open();
      assert.equal(f.platform.holdingTimers, 0);
      f.session.close(ErrorCode.NO_ERROR, "over");
      f.driver.schedule();
      f.platform.runTurns();
      f.driver.onClose();
      f.platform.advance(60_000);
      assert.equal(f.rests, 0);
      f.platform.assertQuiet();
    });
  });

  it("knows when its peer was last heard", () => {
    const f = DriverFixture.open();
    const before = f.session.heardAt;
    f.platform.advance(700);
    assert.equal(f.driver.silentSince(f.platform.now()), before);
    f.receive(frames.windowUpdate(0, 1));
    assert.equal(f.session.heardAt, before + 700);
  });

  it("abandons a connection without a word", () => {
    const f = DriverFixture.open();
    f.driver.schedule();
    f.platform.runTurns();
    f.sent();
    f.told.length = 0;
    f.driver.abandon("nobody is there");
    f.platform.runTurns();
    assert.deepEqual(f.told, ["closed"]);
    assert.deepEqual(f.stream.asked, ["destroy nobody is there"]);
    assert.deepEqual(f.sent(), []);
  });
});
