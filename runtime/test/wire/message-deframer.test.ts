import assert from "node:assert/strict";
import { StatusCode } from "../../src/rpc/status-code.js";
import { MessageDeframer } from "../../src/wire/message-deframer.js";
import { writeMessagePrefix } from "../../src/wire/message-framer.js";
import { mulberry32 } from "./mulberry32.js";

interface Message {
  readonly compressed: boolean;
  readonly body: Uint8Array;
}

function frame({ compressed, body }: Message): Buffer {
  const bytes = Buffer.alloc(5 + body.length);
  writeMessagePrefix(bytes, 0, compressed, body.length);
  bytes.set(body, 5);
  return bytes;
}

function message(size: number, compressed = false): Message {
  return { compressed, body: Uint8Array.from({ length: size }, (_, i) => (i * 7 + size) % 256) };
}

function prefix(flag: number, length: number): Buffer {
  const bytes = Buffer.alloc(5, flag);
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

/** Copies of all messages that can be had now. */
function takeAll(deframer: MessageDeframer): Message[] {
  const messages: Message[] = [];
  while (deframer.next()) {
    const body = Uint8Array.from(deframer.bytes.subarray(deframer.start, deframer.end));
    messages.push({ compressed: deframer.compressed, body });
  }
  return messages;
}

/** The obvious implementation: everything in one array. */
function naive(bytes: Buffer): Message[] {
  const messages: Message[] = [];
  let at = 0;
  while (at + 5 <= bytes.length && at + 5 + bytes.readUInt32BE(at + 1) <= bytes.length) {
    const end = at + 5 + bytes.readUInt32BE(at + 1);
    messages.push({ compressed: bytes[at] === 1, body: Uint8Array.from(bytes.subarray(at + 5, end)) });
    at = end;
  }
  return messages;
}

function push(deframer: MessageDeframer, bytes: Uint8Array): void {
  deframer.push(bytes, 0, bytes.length);
}

describe("wire/message-deframer", () => {
  it("gives a message where it lies when a piece holds it", () => {
    const deframer = new MessageDeframer(100);
    const chunk = Buffer.concat([Buffer.alloc(3), frame(message(4)), frame(message(0, true)), frame(message(2))]);
    deframer.push(chunk, 3, chunk.length);
    assert.ok(deframer.next());
    assert.equal(deframer.bytes, chunk);
    assert.deepEqual([deframer.start, deframer.end, deframer.compressed], [8, 12, false]);
    assert.ok(deframer.next());
    assert.equal(deframer.bytes, chunk);
    assert.deepEqual([deframer.end - deframer.start, deframer.compressed], [0, true]);
    assert.ok(deframer.next());
    assert.deepEqual([deframer.start, deframer.end, deframer.compressed], [22, 24, false]);
    assert.ok(!deframer.next());
    assert.ok(deframer.idle);
  });

  it("gives the body where it lies also when its prefix came before", () => {
    const deframer = new MessageDeframer(100);
    const bytes = frame(message(50));
    push(deframer, bytes.subarray(0, 3));
    assert.ok(!deframer.next());
    const rest = bytes.subarray(3);
    push(deframer, rest);
    assert.ok(deframer.next());
    assert.equal(deframer.bytes, rest);
  });

  it("gives the same messages split at every byte", () => {
    const all = [message(3), message(0, true), message(40, true), message(0), message(1)];
    const bytes = Buffer.concat(all.map(frame));
    for (let first = 0; first <= bytes.length; first++) {
      for (let second = first; second <= bytes.length; second++) {
        const deframer = new MessageDeframer(40);
        const messages: Message[] = [];
        for (const part of [bytes.subarray(0, first), bytes.subarray(first, second), bytes.subarray(second)]) {
          push(deframer, part);
          messages.push(...takeAll(deframer));
        }
        assert.deepEqual(messages, all, `split at ${first} and ${second}`);
        assert.equal(deframer.takeConsumedBytes(), bytes.length);
        assert.ok(deframer.idle);
        assert.equal(deframer.endError(), undefined);
      }
    }
  });

  it("gives the same messages byte by byte, asked after each byte or only at the end", () => {
    const all = [message(300, true), message(0), message(2000)];
    const bytes = Buffer.concat(all.map(frame));
    for (const eager of [true, false]) {
      const deframer = new MessageDeframer(2000);
      const messages: Message[] = [];
      for (let i = 0; i < bytes.length; i++) {
        deframer.push(bytes, i, i + 1);
        if (eager) messages.push(...takeAll(deframer));
        else if (i % 3 === 0) deframer.settle();
      }
      messages.push(...takeAll(deframer));
      assert.deepEqual(messages, all);
    }
  });

  it("assembles a small message at once, in a buffer of its size", () => {
    const deframer = new MessageDeframer(2000);
    const bytes = frame(message(64));
    deframer.push(bytes, 0, 15);
    assert.equal(deframer.next(), false);
    assert.equal(deframer.incompleteBytes, 64);
    deframer.push(bytes, 15, bytes.length);
    assert.deepEqual(takeAll(deframer), [message(64)]);
  });

  it("does as the obvious implementation does, for random messages, cuts, asks and settles", () => {
    for (let seed = 0; seed < 300; seed++) {
      const random = mulberry32(seed);
      const frames: Buffer[] = [];
      for (let n = Math.floor(random() * 20); n >= 0; n--) {
        frames.push(frame(message(Math.floor(random() ** 5 * 30_000), random() < 0.3)));
      }
      const whole = Buffer.concat(frames);
      const bytes = random() < 0.5 ? whole : whole.subarray(0, Math.floor(random() * whole.length));
      const deframer = new MessageDeframer(30_000);
      const messages: Message[] = [];
      let released = 0;
      let at = 0;
      while (at < bytes.length) {
        const size = Math.min(bytes.length - at, 1 + Math.floor(random() ** 4 * 8000));
        deframer.push(Uint8Array.from(bytes.subarray(at, at + size)), 0, size);
        at += size;
        const choice = random();
        if (choice < 0.5) messages.push(...takeAll(deframer));
        else if (choice < 0.7 && deframer.next()) {
          const body = Uint8Array.from(deframer.bytes.subarray(deframer.start, deframer.end));
          messages.push({ compressed: deframer.compressed, body });
        } else if (choice < 0.8) deframer.settle();
        released += deframer.takeConsumedBytes();
        const given = messages.reduce((sum, { body }) => sum + 5 + body.length, 0);
        assert.equal(deframer.bufferedBytes, at - given, `seed ${seed}`);
        assert.ok(released >= given && released <= at, `seed ${seed}`);
      }
      messages.push(...takeAll(deframer));
      assert.deepEqual(messages, naive(bytes), `seed ${seed}`);
      released += deframer.takeConsumedBytes();
      assert.equal(released, bytes.length, `seed ${seed}`);
      const complete = naive(bytes).reduce((sum, { body }) => sum + 5 + body.length, 0) === bytes.length;
      assert.equal(deframer.idle, complete, `seed ${seed}`);
      assert.equal(deframer.endError() === undefined, complete, `seed ${seed}`);
    }
  });

  describe("flow control", () => {
    it("releases nothing of a message that nobody asked for", () => {
      const deframer = new MessageDeframer(1000);
      push(deframer, frame(message(600)));
      push(deframer, frame(message(300)));
      assert.equal(deframer.takeConsumedBytes(), 0);
      assert.equal(deframer.bufferedBytes, 910);
      assert.ok(deframer.next());
      assert.equal(deframer.takeConsumedBytes(), 605);
      assert.equal(deframer.takeConsumedBytes(), 0);
      assert.equal(deframer.bufferedBytes, 305);
      assert.ok(!deframer.idle);
    });

    it("releases the bytes of a message that was asked for as they arrive", () => {
      const deframer = new MessageDeframer(1000);
      const bytes = frame(message(1000));
      for (let at = 0; at < bytes.length; at += 100) {
        const end = Math.min(at + 100, bytes.length);
        deframer.push(bytes, at, end);
        assert.equal(deframer.next(), end === bytes.length);
        assert.equal(deframer.takeConsumedBytes(), end - at);
      }
    });

    it("releases what is thrown away", () => {
      const deframer = new MessageDeframer(1000);
      push(deframer, frame(message(600)).subarray(0, 300));
      assert.ok(!deframer.next());
      push(deframer, Buffer.alloc(50));
      assert.equal(deframer.takeConsumedBytes(), 300);
      assert.equal(deframer.bufferedBytes, 350);
      deframer.clear();
      assert.equal(deframer.takeConsumedBytes(), 50);
      assert.equal(deframer.bufferedBytes, 0);
      assert.ok(deframer.idle);
    });
  });

  describe("limits", () => {
    it("refuses a message by its prefix, before its bytes are kept", () => {
      const deframer = new MessageDeframer(4_194_304);
      push(deframer, Buffer.concat([frame(message(2)), prefix(0, 5_242_880), Buffer.alloc(7)]));
      assert.ok(deframer.next());
      assert.ok(!deframer.next());
      assert.deepEqual(deframer.error, {
        code: StatusCode.RESOURCE_EXHAUSTED,
        message: "message is 5242880 bytes, limit 4194304 (maxReceiveMessageBytes)",
      });
      assert.equal(deframer.bufferedBytes, 0);
      assert.equal(deframer.takeConsumedBytes(), 19);
      push(deframer, frame(message(1)));
      assert.ok(!deframer.next());
      assert.equal(deframer.takeConsumedBytes(), 6);
      assert.equal(deframer.bufferedBytes, 0);
      assert.equal(deframer.endError(), deframer.error);
    });

    it("takes a message of just the limit, and one byte more not", () => {
      const deframer = new MessageDeframer(10);
      push(deframer, Buffer.concat([frame(message(10)), frame(message(11))]));
      assert.equal(takeAll(deframer).length, 1);
      assert.equal(deframer.error?.message, "message is 11 bytes, limit 10 (maxReceiveMessageBytes)");
      const none = new MessageDeframer(0);
      push(none, Buffer.concat([frame(message(0)), frame(message(1))]));
      assert.equal(takeAll(none).length, 1);
      assert.equal(none.error?.code, StatusCode.RESOURCE_EXHAUSTED);
    });

    it("reads the length as unsigned, in one piece or by byte", () => {
      for (const step of [5, 1]) {
        const deframer = new MessageDeframer(0x7fff_ffff);
        const bytes = prefix(0, 0xffff_fff0);
        for (let at = 0; at < 5; at += step) {
          deframer.push(bytes, at, at + step);
          assert.ok(!deframer.next());
        }
        assert.equal(deframer.error?.message, "message is 4294967280 bytes, limit 2147483647 (maxReceiveMessageBytes)");
      }
    });

    it("refuses each flag but 0 and 1", () => {
      for (let flag = 0; flag < 256; flag++) {
        for (const step of [5, 1]) {
          const deframer = new MessageDeframer(10);
          const bytes = prefix(flag, 0);
          let messages = 0;
          for (let at = 0; at < 5; at += step) {
            deframer.push(bytes, at, at + step);
            messages += takeAll(deframer).length;
          }
          if (flag <= 1) {
            assert.equal(messages, 1);
            assert.equal(deframer.compressed, flag === 1);
            assert.equal(deframer.error, undefined);
          } else {
            assert.equal(messages, 0);
            assert.deepEqual(deframer.error, {
              code: StatusCode.INTERNAL,
              message: `message has the compressed flag ${flag}, expected 0 or 1`,
            });
          }
        }
      }
    });

    it("does not believe a prefix: memory grows with what arrived", () => {
      const before = process.memoryUsage().arrayBuffers;
      const many = Array.from({ length: 100 }, () => new MessageDeframer(Number.POSITIVE_INFINITY));
      for (const deframer of many) {
        push(deframer, prefix(0, 0xffff_ffff));
        push(deframer, Buffer.alloc(100));
        assert.ok(!deframer.next());
      }
      const grown = process.memoryUsage().arrayBuffers - before;
      assert.ok(grown < 4 * 1024 * 1024, `${grown} bytes for ${many.length} messages of 100 bytes`);
    });
  });

  describe("a message in many pieces", () => {
    const chunkBytes = 16_384;

    /** Feeds a message of `size` bytes in chunks and asks after each; what it takes after each. */
    function memoryWhile(size: number, deframer = new MessageDeframer(size), chunk = chunkBytes): number[] {
      const bytes = frame(message(size));
      const memory: number[] = [];
      for (let at = 0; at < bytes.length; at += chunk) {
        const piece = Uint8Array.from(bytes.subarray(at, at + chunk));
        push(deframer, piece);
        const isLast = at + chunk >= bytes.length;
        assert.equal(deframer.next(), isLast);
        assert.equal(
          deframer.takeConsumedBytes(),
          piece.length,
          "it was asked for: its window is given back as it comes",
        );
        if (!isLast) {
          assert.equal(deframer.missingBytes, bytes.length - at - chunk);
          memory.push(deframer.incompleteBytes);
        }
      }
      assert.deepEqual(deframer.bytes.subarray(deframer.start, deframer.end), Buffer.from(message(size).body));
      assert.equal(deframer.missingBytes, 0);
      return memory;
    }

    it("lies where it came until a quarter of it is there, and then takes what it is long", () => {
      const memory = memoryWhile(chunkBytes * 10);
      assert.deepEqual(memory.slice(0, 4), [chunkBytes, 2 * chunkBytes, 10 * chunkBytes, 10 * chunkBytes]);
    });

    it("that is very large lies there up to a mebibyte, and then takes four times what has come", () => {
      const chunk = 256 * 1024;
      const memory = memoryWhile(12 * 1024 * 1024, undefined, chunk);
      assert.deepEqual(
        memory.slice(0, 4),
        [1, 2, 3, 4].map((chunks) => chunks * chunk),
      );
      assert.equal(memory[4], (5 * chunk - 5) * 4);
      assert.deepEqual([...new Set(memory)].length, 6, "and grows once");
    });

    it("lies nowhere when memory is short", () => {
      const deframer = new MessageDeframer(1 << 20);
      deframer.isFrugal = true;
      const memory = memoryWhile(chunkBytes * 10, deframer);
      assert.deepEqual(memory.slice(0, 2), [chunkBytes - 5, 2 * chunkBytes - 5]);
    });

    it("lies nowhere where little of it keeps much memory alive", () => {
      const deframer = new MessageDeframer(1 << 20);
      const chunk = new Uint8Array(64 * 1024);
      chunk.set(prefix(0, 1 << 20));
      deframer.push(chunk, 0, 5 + 2000);
      assert.ok(!deframer.next());
      assert.equal(deframer.incompleteBytes, 8000);
    });

    it("may be thrown away while it lies there", () => {
      const deframer = new MessageDeframer(1 << 20);
      push(deframer, frame(message(100_000)).subarray(0, 10_000));
      assert.ok(!deframer.next());
      push(deframer, new Uint8Array(5000));
      assert.equal(deframer.takeConsumedBytes(), 10_000);
      deframer.clear();
      assert.equal(deframer.takeConsumedBytes(), 5000);
      assert.equal(deframer.incompleteBytes, 0);
    });
  });

  it("does not keep a chunk alive once its messages were taken", () => {
    const ways: ((deframer: MessageDeframer) => unknown)[] = [(d) => d.next(), (d) => d.settle(), (d) => d.clear()];
    for (const leave of ways) {
      const deframer = new MessageDeframer(10);
      push(deframer, frame(message(10)));
      assert.ok(deframer.next());
      assert.equal(deframer.bytes.byteLength, 15);
      leave(deframer);
      assert.equal(deframer.bytes.byteLength, 0);
    }
  });

  it("says how much is missing when the stream ends inside a message", () => {
    const deframer = new MessageDeframer(5000);
    push(deframer, Buffer.from([0, 0, 0]));
    assert.ok(!deframer.next());
    assert.deepEqual(deframer.endError(), {
      code: StatusCode.INTERNAL,
      message: "stream ended inside a message: 3 of the 5 bytes of its prefix have come",
    });
    push(deframer, Buffer.concat([Buffer.from([0x10, 0]), Buffer.alloc(1000)]));
    assert.ok(!deframer.next());
    assert.equal(deframer.endError()?.message, "stream ended inside a message: 1000 of its 4096 bytes have come");
  });

  describe("alias", () => {
    const aliasOf = (size: number, chunkBytes: number): boolean => {
      const deframer = new MessageDeframer(1 << 20);
      const chunk = new Uint8Array(chunkBytes);
      chunk.set(frame(message(size)));
      deframer.push(chunk, 0, size + 5);
      assert.ok(deframer.next());
      return deframer.alias;
    };

    it("is for 4 KiB and more that fill a quarter of their chunk", () => {
      assert.equal(aliasOf(4095, 4100), false);
      assert.equal(aliasOf(4096, 4101), true);
      assert.equal(aliasOf(4096, 16_384), true);
      assert.equal(aliasOf(4096, 16_385), false);
      assert.equal(aliasOf(16_384, 65_536), true);
      assert.equal(aliasOf(16_383, 65_536), false);
    });

    it("is for large messages that were assembled: their buffer is theirs and just as long", () => {
      const deframer = new MessageDeframer(1 << 20);
      const bytes = frame(message(100_000));
      for (let at = 0; at < bytes.length; at += 7000) {
        deframer.push(bytes, at, Math.min(at + 7000, bytes.length));
        deframer.next();
      }
      assert.equal(deframer.bytes.byteLength, 100_000);
      assert.equal(deframer.alias, true);
      const kept = deframer.bytes;
      push(deframer, bytes.subarray(0, 50));
      push(deframer, bytes.subarray(50));
      assert.ok(deframer.next());
      assert.deepEqual(kept, Buffer.from(message(100_000).body));
    });
  });
});
