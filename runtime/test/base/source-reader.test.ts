import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { openSource, SourceReader, type SourceSink } from "../../src/base/source-reader.js";
import { checkRejections } from "../support/unhandled-rejections.js";

class RecordingSink implements SourceSink {
  readonly events: string[] = [];
  /** How many messages it takes before it says stop. */
  room = Number.POSITIVE_INFINITY;
  onTake: (() => void) | undefined;

  onSourceMessage(message: unknown): boolean {
    this.events.push(String(message));
    this.room--;
    const goesOn = this.room > 0;
    this.onTake?.();
    return goesOn;
  }

  onSourceEnd(): void {
    this.events.push("end");
  }

  onSourceError(error: unknown): void {
    this.events.push(`error ${String(error)}`);
  }

  onSourceStopped(error?: unknown): void {
    this.events.push(error === undefined ? "stopped" : `stopped ${String(error)}`);
  }
}

function read(source: unknown, sink: SourceSink): SourceReader {
  const iterator = openSource(source);
  assert.ok(iterator);
  return new SourceReader(iterator, sink);
}

describe("SourceReader", () => {
  checkRejections();
  let sink: RecordingSink;

  beforeEach(() => {
    sink = new RecordingSink();
  });

  it("opens iterables of both kinds and nothing else", () => {
    for (const source of [[], new Map(), "text", (async function* () {})()]) assert.ok(openSource(source));
    for (const source of [undefined, null, 1, {}, { [Symbol.iterator]: 1 }, { [Symbol.iterator]: () => null }]) {
      assert.equal(openSource(source), undefined);
    }
  });

  it("reads a sync source within the call", () => {
    read([1, 2], sink).resume();
    assert.deepEqual(sink.events, ["1", "2", "end"]);
  });

  it("reads an async source", async () => {
    const reader = read(
      (async function* () {
        yield 1;
        yield 2;
      })(),
      sink,
    );
    reader.resume();
    reader.resume();
    await setImmediate();
    assert.deepEqual(sink.events, ["1", "2", "end"]);
  });

  it("stops reading when the sink is full, and goes on when it is resumed", () => {
    sink.room = 1;
    const reader = read([1, 2, 3], sink);
    reader.resume();
    assert.deepEqual(sink.events, ["1"]);
    sink.room = 5;
    reader.resume();
    assert.deepEqual(sink.events, ["1", "2", "3", "end"]);
  });

  it("does not lose a resume that comes while the sink takes a message", () => {
    sink.room = 0;
    const reader = read([1, 2], sink);
    sink.onTake = () => reader.resume();
    reader.resume();
    assert.deepEqual(sink.events, ["1", "2", "end"]);
  });

  it("tells what a source throws, sync or async", async () => {
    const sources = [
      (function* () {
        yield 1;
        throw new Error("a");
      })(),
      (async function* () {
        yield 1;
        throw new Error("a");
      })(),
    ];
    for (const source of sources) {
      sink = new RecordingSink();
      read(source, sink).resume();
      await setImmediate();
      assert.deepEqual(sink.events, ["1", "error Error: a"]);
    }
  });

  it("tells of an iterator that does not keep the protocol", async () => {
    const results = [undefined, Promise.resolve(7), { get done() { throw new Error("x"); } }]; // biome-ignore format: short
    for (const result of results) {
      sink = new RecordingSink();
      read({ [Symbol.iterator]: () => ({ next: () => result }) }, sink).resume();
      await setImmediate();
      assert.equal(sink.events.length, 1);
      assert.match(sink.events[0] ?? "", /^error /);
    }
  });

  it("stops a source that waits, and nothing else follows", async () => {
    const reader = read(
      (async function* () {
        try {
          yield 1;
          yield 2;
        } finally {
          sink.events.push("finally");
        }
      })(),
      sink,
    );
    sink.room = 1;
    reader.resume();
    await setImmediate();
    reader.stop();
    reader.stop();
    reader.resume();
    await setImmediate();
    assert.deepEqual(sink.events, ["1", "finally", "stopped"]);
  });

  it("stops a source within a next: its late message is dropped, its late error is told", async () => {
    for (const fails of [false, true]) {
      sink = new RecordingSink();
      let release: (() => void) | undefined;
      const reader = read(
        (async function* () {
          await new Promise<void>((resolve) => {
            release = resolve;
          });
          if (fails) throw new Error("late");
          yield 1;
        })(),
        sink,
      );
      reader.resume();
      reader.stop();
      await setImmediate();
      assert.deepEqual(sink.events, []);
      release?.();
      await setImmediate();
      assert.deepEqual(sink.events, [fails ? "stopped Error: late" : "stopped"]);
    }
  });

  it("tells what a source throws on its way out, sync or async", async () => {
    const broken = {
      next: () => ({ done: false, value: 1 }),
      return() {
        throw new Error("out");
      },
    };
    const brokenLater = { ...broken, return: () => Promise.reject(new Error("out")) };
    for (const iterator of [broken, brokenLater]) {
      sink = new RecordingSink();
      sink.room = 1;
      const reader = read({ [Symbol.iterator]: () => iterator }, sink);
      reader.resume();
      reader.stop();
      await setImmediate();
      assert.deepEqual(sink.events, ["1", "stopped Error: out"]);
    }
  });

  it("stops a source without return, and none that has ended", () => {
    sink.room = 1;
    const iterator = { next: () => ({ done: false, value: 1 }) };
    const reader = read({ [Symbol.iterator]: () => iterator }, sink);
    reader.resume();
    reader.stop();
    assert.deepEqual(sink.events, ["1", "stopped"]);
    sink = new RecordingSink();
    const ended = read([], sink);
    ended.resume();
    ended.stop();
    assert.deepEqual(sink.events, ["end"]);
  });
});
