import assert from "node:assert/strict";
import { FrameReader } from "../../../src/http2/frame/frame-reader.js";
import { forSeeds, type SeededRandom } from "../../hpack/random.js";
import { bytesOf, frames, frameType } from "../../support/frames.js";

const maxFrameBytes = 16384;

/** What was read of a frame; the fragments of a DATA frame are joined. */
interface ReadFrame {
  type: number;
  flags: number;
  streamId: number;
  length: number;
  payload: string;
  complete: boolean;
}

/** Reads everything at hand. */
function readAll(reader: FrameReader, read: ReadFrame[]): "starved" | "violation" {
  for (;;) {
    const result = reader.next();
    if (result !== "frame") return result;
    const { type, flags, streamId, length, first, last } = reader;
    const payload = Buffer.from(reader.bytes.subarray(reader.start, reader.end)).toString("hex");
    const open = read.at(-1);
    assert.equal(first, open === undefined || open.complete, "`first` follows `last`");
    if (first || open === undefined) {
      read.push({ type, flags, streamId, length, payload, complete: last });
    } else {
      open.payload += payload;
      open.complete = last;
    }
    if (type === frameType.DATA && last) assert.equal(read.at(-1)?.payload.length, 2 * reader.dataBytes);
  }
}

function readChunks(chunks: readonly Uint8Array[]): { read: ReadFrame[]; reader: FrameReader } {
  const reader = new FrameReader(maxFrameBytes);
  const read: ReadFrame[] = [];
  for (const chunk of chunks) {
    reader.push(chunk);
    if (readAll(reader, read) === "violation") break;
  }
  return { read, reader };
}

function byteByByte(bytes: Buffer): Buffer[] {
  return Array.from(bytes, (_, at) => bytes.subarray(at, at + 1));
}

function randomCuts(bytes: Buffer, random: SeededRandom): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const size = random.below(random.pick([2, 12, 400]));
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

const mixed = bytesOf(
  frames.settings(3, 100, 4, 65535),
  frames.headers(1).request(),
  frames.data(1, "hello"),
  frames.data(1, "padded").padded(7),
  frames.data(1, 0),
  frames.data(1, 0).padded(0),
  frames.data(1, 0).padded(3),
  frames.raw(0x1f, 0xff, 0xffffffff, Buffer.from("unknown")),
  frames.raw(0x20, 0, 0, Buffer.alloc(0)),
  frames.ping(),
  frames.data(3, 300).padded(255).endStream(),
  frames.windowUpdate(0, 0x7fffffff),
);

describe("FrameReader", () => {
  it("reads header, flags and payload of each frame", () => {
    const { read, reader } = readChunks([mixed]);
    assert.equal(reader.violation, undefined);
    assert.deepEqual(
      read.map(({ type, flags, streamId, length }) => [type, flags, streamId, length]),
      [
        [4, 0, 0, 12],
        [1, 4, 1, read[1]?.length],
        [0, 0, 1, 5],
        [0, 8, 1, 14],
        [0, 0, 1, 0],
        [0, 8, 1, 1],
        [0, 8, 1, 4],
        [0x1f, 0xff, 0x7fffffff, 7],
        [0x20, 0, 0, 0],
        [6, 0, 0, 8],
        [0, 9, 3, 556],
        [8, 0, 0, 4],
      ],
    );
    assert.equal(read[2]?.payload, Buffer.from("hello").toString("hex"));
    assert.equal(read[3]?.payload, Buffer.from("padded").toString("hex"));
    assert.equal(read[6]?.payload, "");
    assert.equal(read[11]?.payload, "7fffffff");
    assert.ok(reader.atFrameBoundary);
  });

  it("reads the same frames byte by byte", () => {
    assert.deepEqual(readChunks(byteByByte(mixed)).read, readChunks([mixed]).read);
  });

  it("reads the same frames at random cuts, empty chunks among them", () => {
    const whole = readChunks([mixed]).read;
    forSeeds(200, (random) => assert.deepEqual(readChunks(randomCuts(mixed, random)).read, whole));
  });

  it("reads chunks that were pushed before it was asked", () => {
    const reader = new FrameReader(maxFrameBytes);
    for (const chunk of byteByByte(mixed)) reader.push(chunk);
    const read: ReadFrame[] = [];
    assert.equal(readAll(reader, read), "starved");
    assert.deepEqual(read, readChunks([mixed]).read);
  });

  it("gives a payload that lies in one chunk out in place", () => {
    const bytes = bytesOf(frames.ping(), frames.data(1, 100));
    const reader = new FrameReader(maxFrameBytes);
    reader.push(bytes);
    for (const start of [9, 26]) {
      assert.equal(reader.next(), "frame");
      assert.equal(reader.bytes, bytes);
      assert.equal(reader.start, start);
    }
  });

  it("gives DATA out in fragments as it comes, never assembled", () => {
    const bytes = bytesOf(frames.data(1, "abcdef").padded(4).endStream());
    const reader = new FrameReader(maxFrameBytes);
    const fragments: [string, boolean, boolean][] = [];
    for (const chunk of [bytes.subarray(0, 12), bytes.subarray(12, 15), bytes.subarray(15, 18), bytes.subarray(18)]) {
      reader.push(chunk);
      while (reader.next() === "frame") {
        const text = Buffer.from(reader.bytes.subarray(reader.start, reader.end)).toString();
        fragments.push([text, reader.first, reader.last]);
        assert.equal(reader.length, 11);
        assert.equal(reader.dataBytes, 6);
      }
    }
    assert.deepEqual(fragments, [
      ["ab", true, false],
      ["cde", false, false],
      ["f", false, true],
    ]);
  });

  it("knows where a connection may end without cutting a frame", () => {
    const reader = new FrameReader(maxFrameBytes);
    const bytes = bytesOf(frames.data(1, "ab").padded(2));
    assert.ok(reader.atFrameBoundary);
    for (let at = 0; at < bytes.length; at++) {
      reader.push(bytes.subarray(at, at + 1));
      while (reader.next() === "frame");
      assert.equal(reader.atFrameBoundary, at === bytes.length - 1, `after ${at + 1} bytes`);
    }
  });

  it("lets go of a chunk once it is read", () => {
    const reader = new FrameReader(maxFrameBytes);
    reader.push(bytesOf(frames.ping()));
    assert.equal(reader.next(), "frame");
    assert.equal(reader.next(), "starved");
    assert.equal(reader.bytes.length, 0);
  });

  it("skips the rest of a DATA frame wherever it stands in it", () => {
    const frame = bytesOf(frames.data(1, "abcdef").padded(4));
    const behind = bytesOf(frames.ping());
    for (let cut = 0; cut <= frame.length; cut++) {
      const reader = new FrameReader(maxFrameBytes);
      reader.push(frame.subarray(0, cut));
      let skipped = false;
      if (reader.next() === "frame") {
        reader.skipData();
        skipped = true;
      }
      reader.push(Buffer.concat([frame.subarray(cut), behind]));
      const types: number[] = [];
      while (reader.next() === "frame") {
        types.push(reader.type);
        if (reader.type === frameType.DATA) reader.skipData();
      }
      assert.deepEqual(types, skipped ? [frameType.PING] : [frameType.DATA, frameType.PING], `cut at ${cut}`);
      assert.ok(reader.first);
    }
  });

  describe("violations", () => {
    const cases: [string, Buffer, string, number][] = [
      [
        "a DATA frame above the limit",
        frames.raw(frameType.DATA, 0, 1, Buffer.alloc(0), 16385),
        "DATA frame is 16385 bytes, limit 16384",
        6,
      ],
      [
        "any other frame above the limit, from its header alone",
        frames.raw(0x77, 0, 0, Buffer.alloc(0), 0xffffff),
        "0x77 frame is 16777215 bytes, limit 16384",
        6,
      ],
      [
        "a padded DATA frame without a pad length",
        frames.raw(frameType.DATA, 8, 1, Buffer.alloc(0)),
        "padded DATA frame has no room for its pad length",
        6,
      ],
      [
        "padding as long as the payload",
        frames.raw(frameType.DATA, 8, 1, Buffer.of(3, 0, 0)),
        "padding of a DATA frame is 3 bytes, its payload 3",
        1,
      ],
      [
        "padding longer than the payload",
        frames.raw(frameType.DATA, 8, 1, Buffer.of(255, 0)),
        "padding of a DATA frame is 255 bytes, its payload 2",
        1,
      ],
    ];
    for (const [what, bytes, message, code] of cases) {
      it(`finds ${what}`, () => {
        for (const chunks of [[bytes], byteByByte(bytes)]) {
          const { read, reader } = readChunks([bytesOf(frames.ping()), ...chunks]);
          assert.equal(read.length, 1, "the frame before it counts");
          assert.deepEqual(reader.violation, { scope: "connection", code, message });
          reader.push(bytesOf(frames.ping()));
          assert.equal(reader.next(), "violation", "nothing is read any more");
        }
      });
    }

    it("takes the longest padding that leaves room for no data at all", () => {
      const { read, reader } = readChunks([bytesOf(frames.data(1, 0).padded(255), frames.ping())]);
      assert.equal(reader.violation, undefined);
      assert.deepEqual(
        read.map((frame) => frame.length),
        [256, 8],
      );
    });

    it("takes a frame of just the limit", () => {
      const { read } = readChunks([bytesOf(frames.data(1, maxFrameBytes), frames.raw(9, 0, 1, Buffer.alloc(16384)))]);
      assert.deepEqual(
        read.map((frame) => frame.length),
        [16384, 16384],
      );
    });
  });

  it("puts a large payload together that comes in any parts, in memory that grows with what has come", () => {
    const limit = 100_000;
    const payload = Buffer.from(Array.from({ length: limit }, (_, at) => at % 251));
    const bytes = bytesOf(frames.raw(frameType.HEADERS, 0, 1, payload));
    for (const step of [1000, 16_384, 16_393, 40_000, 99_999]) {
      const reader = new FrameReader(limit);
      const before = process.memoryUsage().arrayBuffers;
      for (let at = 0; at < bytes.length; at += step) {
        assert.equal(reader.next(), "starved");
        reader.push(bytes.subarray(at, at + step));
        if (at === 0 && step === 1000) {
          assert.equal(reader.next(), "starved");
          assert.ok(process.memoryUsage().arrayBuffers - before <= 32 * 1024);
        }
      }
      assert.equal(reader.next(), "frame");
      assert.deepEqual(reader.bytes.subarray(reader.start, reader.end), payload);
    }
  });

  it("R112 haskell http2, a crash by 33 bytes: a length with its high bit set is no negative number", () => {
    const { reader } = readChunks([Buffer.of(0xff, 0xff, 0xff, 0, 0, 0x80, 0, 0, 1)]);
    assert.equal(reader.violation?.message, "DATA frame is 16777215 bytes, limit 16384");
    assert.equal(reader.streamId, 1);
  });
});
