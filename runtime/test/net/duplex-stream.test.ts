import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { Duplex, PassThrough } from "node:stream";
import type { ByteStream, Peer } from "../../src/base/platform.js";
import { byteStreamFromDuplex, byteStreamFromTls, writeLimitBytes } from "../../src/net/duplex-stream.js";
import { RecordingSink } from "../support/recording-sink.js";

const peer: Peer = { address: "unix:/test.sock", security: "local" };

/** What a test does with the far side of a duplex: reads are pushed by hand, writes wait until they are let through. */
class ManualDuplex extends Duplex {
  readonly written: Buffer[] = [];
  writes = 0;
  finished = false;
  #callback: ((error?: Error | null) => void) | undefined;

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    this.#take([chunk], callback);
  }

  override _writev(chunks: { chunk: Buffer }[], callback: (error?: Error | null) => void): void {
    this.#take(
      chunks.map((entry) => entry.chunk),
      callback,
    );
  }

  override _final(callback: () => void): void {
    this.finished = true;
    callback();
  }

  /** The write that is waiting is done, or has failed. */
  letThrough(error?: Error): void {
    const callback = this.#callback;
    this.#callback = undefined;
    callback?.(error);
  }

  #take(chunks: Buffer[], callback: (error?: Error | null) => void): void {
    this.writes++;
    this.written.push(...chunks);
    this.#callback = callback;
  }
}

function open(duplex: Duplex): { stream: ByteStream; sink: RecordingSink } {
  const sink = new RecordingSink();
  const stream = byteStreamFromDuplex(duplex, peer, () => sink);
  return { stream, sink };
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("byteStreamFromTls", () => {
  it("hands a large write of many chunks on in one piece", () => {
    const duplex = new ManualDuplex();
    const stream = byteStreamFromTls(
      duplex as unknown as Socket,
      peer,
      { explain: () => undefined },
      () => new RecordingSink(),
    );
    const chunks = [1, 2, 3].map((value) => Buffer.alloc(20_000, value));
    assert.ok(stream.write(chunks));
    assert.deepEqual(duplex.written, [Buffer.concat(chunks)]);
    duplex.letThrough();
    assert.equal(stream.pendingBytes, 0);
    assert.ok(stream.write(chunks));
    assert.deepEqual(duplex.written[1], Buffer.concat(chunks));
  });
});

describe("byteStreamFromDuplex", () => {
  it("hands the stream to `open` before anything can come, and gives it back", async () => {
    const duplex = new PassThrough();
    duplex.write("early");
    const sink = new RecordingSink();
    let given: ByteStream | undefined;
    const stream = byteStreamFromDuplex(duplex, peer, (made) => {
      given = made;
      return sink;
    });
    assert.equal(stream, given);
    assert.equal(stream.peer, peer);
    await sink.until(() => sink.bytes.byteLength === 5);
    stream.destroy();
    await sink.closed;
    assert.deepEqual(sink.events, ["data 5", "close"]);
  });

  it("writes one chunk alone and several in one go, in order", () => {
    const duplex = new ManualDuplex();
    const { stream } = open(duplex);
    stream.write([Buffer.from("a")]);
    assert.equal(duplex.writes, 1);
    duplex.letThrough();
    stream.write([Buffer.from("b"), Uint8Array.of(0x63), Buffer.from("d")]);
    assert.equal(duplex.writes, 2);
    duplex.letThrough();
    stream.write([]);
    assert.deepEqual([Buffer.concat(duplex.written).toString(), duplex.writes], ["abcd", 2]);
    stream.destroy();
  });

  it("says stop at the limit, not at Node's smaller mark, and drains once", async () => {
    const duplex = new ManualDuplex({ writableHighWaterMark: 16 });
    const { stream, sink } = open(duplex);
    assert.equal(stream.write([Buffer.alloc(1000)]), true);
    assert.equal(stream.pendingBytes, 1000);
    assert.equal(stream.write([Buffer.alloc(writeLimitBytes - 1001)]), true);
    assert.equal(stream.write([Buffer.alloc(1)]), false);
    assert.equal(stream.pendingBytes, writeLimitBytes);
    duplex.letThrough();
    duplex.letThrough();
    await nextTurn();
    assert.equal(stream.pendingBytes, 0);
    assert.deepEqual(sink.events, ["drain"]);
    assert.equal(stream.write([Buffer.alloc(1000)]), true);
    duplex.letThrough();
    await nextTurn();
    assert.deepEqual(sink.events, ["drain"], "nobody was told to stop, so nobody is told to go on");
    stream.destroy();
  });

  it("goes on when the limit is passed but the duplex would not drain", () => {
    const duplex = new ManualDuplex({ writableHighWaterMark: 4 * writeLimitBytes });
    const { stream } = open(duplex);
    assert.equal(stream.write([Buffer.alloc(2 * writeLimitBytes)]), true);
    assert.equal(stream.write([Buffer.alloc(2 * writeLimitBytes)]), false);
    stream.destroy();
  });

  it("closes when both directions have ended", async () => {
    const duplex = new ManualDuplex();
    const { stream, sink } = open(duplex);
    duplex.push("last");
    duplex.push(null);
    await sink.until(() => sink.events.includes("end"));
    assert.equal(sink.closes, 0);
    assert.equal(stream.write([Buffer.from("answer")]), true);
    duplex.letThrough();
    stream.end();
    stream.end();
    await sink.closed;
    assert.equal(duplex.finished, true);
    assert.deepEqual(sink.events, ["data 4", "end", "close"]);
  });

  it("holds data back between pause and resume", async () => {
    const duplex = new ManualDuplex();
    const { stream, sink } = open(duplex);
    stream.pause();
    duplex.push("held");
    await nextTurn();
    assert.deepEqual(sink.events, []);
    stream.resume();
    await sink.until(() => sink.bytes.toString() === "held");
    stream.destroy();
    await sink.closed;
  });

  it("starts paused when `open` pauses", async () => {
    const duplex = new ManualDuplex();
    const sink = new RecordingSink();
    const stream = byteStreamFromDuplex(duplex, peer, (made) => {
      made.pause();
      return sink;
    });
    duplex.push("held");
    await nextTurn();
    assert.deepEqual(sink.events, []);
    stream.destroy();
    await sink.closed;
  });

  it("lets a duplex keep what it was given: its far side may, as that of a pair in memory does", async () => {
    const duplex = new ManualDuplex();
    const { stream, sink } = open(duplex);
    const chunks = [Buffer.from("of this "), Buffer.from("connection")];
    stream.write(chunks);
    duplex.letThrough();
    duplex.letThrough();
    for (const chunk of chunks) chunk.fill("x");
    assert.equal(Buffer.concat(duplex.written).toString(), "of this connection");
    stream.destroy();
    await sink.closed;
  });

  it("tells onClose once, with the reason of the first destroy", async () => {
    const duplex = new ManualDuplex();
    const { stream, sink } = open(duplex);
    stream.destroy(new Error("keepalive: no answer within 20000 ms"));
    stream.destroy(new Error("second"));
    stream.destroy();
    assert.deepEqual(sink.events, [], "not from inside destroy");
    await sink.closed;
    await nextTurn();
    assert.deepEqual(sink.events, ["close keepalive: no answer within 20000 ms"]);
  });

  it("gives nothing out after destroy, and takes writes for nothing", async () => {
    const duplex = new ManualDuplex();
    const { stream, sink } = open(duplex);
    duplex.push("a");
    duplex.push(null);
    stream.destroy();
    assert.equal(stream.write([Buffer.from("late")]), false);
    stream.end();
    stream.pause();
    stream.resume();
    await sink.closed;
    assert.deepEqual([sink.events, duplex.writes], [["close"], 0]);
  });

  it("can be destroyed from inside onData", async () => {
    const duplex = new ManualDuplex();
    const { stream, sink } = open(duplex);
    const record = sink.onData.bind(sink);
    sink.onData = (chunk) => {
      record(chunk);
      stream.destroy();
    };
    duplex.push("a");
    duplex.push("b");
    await sink.closed;
    assert.deepEqual(sink.events, ["data 1", "close"]);
  });

  const failures: readonly [string, Error, string][] = [
    [
      "a reset",
      Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }),
      "connection to unix:/test.sock was reset by the peer (ECONNRESET)",
    ],
    [
      "a broken pipe",
      Object.assign(new Error("write EPIPE"), { code: "EPIPE" }),
      "connection to unix:/test.sock was closed by the peer (EPIPE)",
    ],
    [
      "a timeout",
      Object.assign(new Error("read ETIMEDOUT"), { code: "ETIMEDOUT" }),
      "connection to unix:/test.sock timed out (ETIMEDOUT)",
    ],
    ["an error without a code", new Error("out of paper"), "connection to unix:/test.sock failed: out of paper"],
  ];
  for (const [title, error, sentence] of failures) {
    it(`says in one sentence that ${title} ended it`, async () => {
      const duplex = new ManualDuplex();
      const { stream, sink } = open(duplex);
      duplex.destroy(error);
      assert.equal(stream.write([Buffer.from("late")]), true, "the stream has not heard of it yet");
      await sink.closed;
      assert.deepEqual(sink.events, [`close ${sentence}`]);
    });
  }

  it("keeps the first error when a write fails", async () => {
    const duplex = new ManualDuplex();
    const { stream, sink } = open(duplex);
    stream.write([Buffer.from("a")]);
    duplex.letThrough(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    await sink.closed;
    assert.deepEqual(sink.events, ["close connection to unix:/test.sock was closed by the peer (EPIPE)"]);
  });

  it("ignores errors after destroy", async () => {
    const duplex = new ManualDuplex();
    const { stream, sink } = open(duplex);
    stream.write([Buffer.from("a")]);
    stream.destroy();
    duplex.emit("error", new Error("late"));
    await sink.closed;
    assert.deepEqual(sink.events, ["close"]);
  });

  it("reports a duplex that somebody else closed", async () => {
    const duplex = new ManualDuplex();
    const { sink } = open(duplex);
    duplex.destroy();
    await sink.closed;
    assert.deepEqual(sink.events, ["close connection to unix:/test.sock failed: it was closed before its end"]);
  });

  it("reports a duplex that was closed before it came", async () => {
    const duplex = new ManualDuplex();
    duplex.destroy();
    await nextTurn();
    const { sink } = open(duplex);
    assert.deepEqual(sink.events, []);
    await sink.closed;
    assert.equal(sink.closes, 1);
  });

  it("throws when written after its end: a bug of ours", () => {
    const { stream } = open(new ManualDuplex());
    stream.end();
    assert.throws(
      () => stream.write([Buffer.from("a")]),
      /internal error: nothing is written to a byte stream after its end/,
    );
    stream.destroy();
  });

  it("knows no reference of a duplex that is no socket", () => {
    const { stream } = open(new ManualDuplex());
    stream.keepAlive(false);
    stream.keepAlive(true);
    assert.equal(stream.pendingBytes, 0);
    stream.destroy();
  });

  it("refuses a duplex of objects or text", () => {
    const refuse = (duplex: Duplex): Error => {
      try {
        open(duplex);
      } catch (error) {
        return error as Error;
      }
      throw new Error("it was taken");
    };
    assert.match(refuse(new PassThrough({ objectMode: true })).message, /in object mode, expected one of bytes/);
    assert.match(refuse(new PassThrough({ encoding: "utf8" })).message, /decodes utf8 text, expected one of bytes/);
  });
});
