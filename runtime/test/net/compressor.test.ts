import assert from "node:assert/strict";
import { deflateRawSync, deflateSync, gunzipSync, gzipSync, inflateSync } from "node:zlib";
import type { CompressionResult } from "../../src/base/platform.js";
import { type SyncLimits, ZlibCompressor } from "../../src/net/compressor.js";

const mebibyte = 1024 * 1024;
const limit = 4 * mebibyte;

/** The same messages on both roads. */
const roads: readonly [string, SyncLimits][] = [
  ["at once", { inputBytes: Number.POSITIVE_INFINITY, outputBytes: Number.POSITIVE_INFINITY }],
  ["in the background", { inputBytes: -1, outputBytes: 0 }],
  ["with the default limits", { inputBytes: 8 * 1024, outputBytes: 64 * 1024 }],
];

function compress(compressor: ZlibCompressor, encoding: string, message: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    compressor.compress(encoding, message, (result) => {
      if (result.ok) resolve(result.bytes);
      else reject(new Error(result.message));
    });
  });
}

/** Fails when `done` is called a second time. */
async function decompress(
  compressor: ZlibCompressor,
  encoding: string,
  message: Uint8Array,
  maxBytes = limit,
): Promise<CompressionResult> {
  let calls = 0;
  const result = await new Promise<CompressionResult>((resolve) => {
    compressor.decompress(encoding, message, maxBytes, (given) => {
      calls++;
      resolve(given);
    });
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(calls, 1);
  return result;
}

/** Half noise, half repetition, so that both sides of the algorithm work. */
function message(bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes, "godwit ");
  let state = bytes;
  for (let i = 0; i < bytes; i += 2) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    buffer[i] = state >>> 24;
  }
  return buffer;
}

describe("ZlibCompressor", () => {
  for (const [road, limits] of roads) {
    describe(road, () => {
      const compressor = new ZlibCompressor(limits);

      for (const encoding of ["gzip", "deflate"]) {
        for (const size of [0, 1, 100, 8191, 8192, 8193, 64 * 1024, 200_000, mebibyte]) {
          it(`brings ${size} bytes back through ${encoding}`, async () => {
            const original = message(size);
            const packed = await compress(compressor, encoding, original);
            const foreign = encoding === "gzip" ? gunzipSync(packed) : inflateSync(packed);
            assert.ok(foreign.equals(original));
            const result = await decompress(compressor, encoding, packed);
            assert.ok(result.ok && original.equals(result.bytes));
          });
        }
      }

      it("stops a bomb at the limit", async () => {
        const bomb = gzipSync(Buffer.alloc(10 * mebibyte));
        assert.ok(bomb.byteLength < 11_000);
        assert.deepEqual(await decompress(compressor, "gzip", bomb), {
          ok: false,
          reason: "tooLarge",
          message: "decompressed (gzip) message is larger than 4194304 bytes, the limit",
        });
      });

      it("takes a message of exactly the limit and refuses one byte more", async () => {
        for (const max of [0, 1, 1000, 64 * 1024, 100_000, mebibyte]) {
          const fits = await decompress(compressor, "gzip", gzipSync(message(max)), max);
          assert.ok(fits.ok && fits.bytes.byteLength === max, `${max}`);
          const more = await decompress(compressor, "gzip", gzipSync(message(max + 1)), max);
          assert.ok(!more.ok && more.reason === "tooLarge", `${max}`);
        }
      });

      it("takes several gzip members as one message", async () => {
        const members = Buffer.concat([gzipSync("one "), gzipSync(""), gzipSync("two")]);
        const result = await decompress(compressor, "gzip", members);
        assert.ok(result.ok);
        assert.equal(Buffer.from(result.bytes).toString(), "one two");
      });

      const packed = gzipSync(message(3000));
      const zlibbed = deflateSync(message(3000));
      const flipped = Buffer.from(packed);
      flipped[flipped.length - 6] = (flipped[flipped.length - 6] as number) ^ 1;
      const malformed: readonly [string, string, Uint8Array, string][] = [
        ["nothing at all", "gzip", Buffer.alloc(0), "gzip message is malformed: unexpected end of file"],
        ["plain text", "gzip", Buffer.from("hello"), "gzip message is malformed: incorrect header check"],
        ["the other encoding", "gzip", zlibbed, "gzip message is malformed: incorrect header check"],
        ["the other encoding", "deflate", packed, "deflate message is malformed: incorrect header check"],
        [
          "a header and then text",
          "gzip",
          Buffer.concat([packed.subarray(0, 10), Buffer.alloc(20, 0xff)]),
          "gzip message is malformed: invalid block type",
        ],
        ["a wrong checksum", "gzip", flipped, "gzip message is malformed: incorrect data check"],
        [
          "zeros after the end",
          "gzip",
          Buffer.concat([packed, Buffer.alloc(3)]),
          "gzip message is malformed: 3 bytes follow its end",
        ],
        [
          "text after the end",
          "gzip",
          Buffer.concat([packed, Buffer.from("xyz")]),
          "gzip message is malformed: incorrect header check",
        ],
        [
          "half a member after the end",
          "gzip",
          Buffer.concat([packed, gzipSync("more").subarray(0, 12)]),
          "gzip message is malformed: unexpected end of file",
        ],
        [
          "text after the end",
          "deflate",
          Buffer.concat([zlibbed, Buffer.from("xy")]),
          "deflate message is malformed: 2 bytes follow its end",
        ],
        [
          "a dictionary that nobody has",
          "deflate",
          deflateSync("hello", { dictionary: Buffer.from("hell") }),
          "deflate message is malformed: Missing dictionary",
        ],
      ];
      for (const [title, encoding, bytes, sentence] of malformed) {
        it(`calls ${title} malformed (${encoding})`, async () => {
          assert.deepEqual(await decompress(compressor, encoding, bytes), {
            ok: false,
            reason: "malformed",
            message: sentence,
          });
        });
      }

      it("does not take raw deflate for the zlib format", async () => {
        const result = await decompress(compressor, "deflate", deflateRawSync(message(100)));
        assert.ok(!result.ok && result.reason === "malformed");
      });

      it("calls a message malformed wherever it is cut", async () => {
        const short = gzipSync(message(200));
        for (let end = 0; end < short.byteLength; end++) {
          const result = await decompress(compressor, "gzip", short.subarray(0, end));
          assert.ok(!result.ok && result.reason === "malformed", `cut at ${end}`);
        }
      });

      it("only reads its input", async () => {
        const packedCopy = Buffer.from(packed);
        await decompress(compressor, "gzip", packed);
        assert.ok(packedCopy.equals(packed));
      });
    });
  }

  it("works at once on small messages, in the background on large ones", () => {
    const compressor = new ZlibCompressor();
    const isAtOnce = (start: (done: () => void) => void): boolean => {
      let done = false;
      start(() => {
        done = true;
      });
      return done;
    };
    assert.equal(
      isAtOnce((done) => compressor.compress("gzip", message(8192), done)),
      true,
    );
    assert.equal(
      isAtOnce((done) => compressor.compress("gzip", message(8193), done)),
      false,
    );
    const small = gzipSync(message(5000));
    assert.equal(
      isAtOnce((done) => compressor.decompress("gzip", small, limit, done)),
      true,
    );
    const smallOutside = gzipSync(Buffer.alloc(mebibyte));
    assert.ok(smallOutside.byteLength < 8192);
    assert.equal(
      isAtOnce((done) => compressor.decompress("gzip", smallOutside, limit, done)),
      false,
    );
  });

  it("answers each of many jobs, bad and good, with its own", async () => {
    const compressor = new ZlibCompressor({ inputBytes: -1, outputBytes: 0 });
    const inputs = Array.from({ length: 40 }, (_, i) => {
      if (i % 4 === 1) return gzipSync(Buffer.alloc(2 * limit));
      if (i % 4 === 2) return Buffer.from("not gzip at all");
      return gzipSync(message(1000 * i));
    });
    const results = await Promise.all(inputs.map((input) => decompress(compressor, "gzip", input)));
    results.forEach((result, i) => {
      if (i % 4 === 1) assert.ok(!result.ok && result.reason === "tooLarge");
      else if (i % 4 === 2) assert.ok(!result.ok && result.reason === "malformed");
      else assert.ok(result.ok && message(1000 * i).equals(result.bytes));
    });
  });

  it("gives jobs up: those that wait are not begun, those at work say nothing and make room", async () => {
    const compressor = new ZlibCompressor({ inputBytes: -1, outputBytes: 0 });
    const packed = gzipSync(Buffer.alloc(limit));
    const answered: number[] = [];
    const jobs = Array.from({ length: 500 }, (_, i) =>
      i % 2 === 0
        ? compressor.decompress("gzip", packed, limit, () => answered.push(i))
        : compressor.compress("gzip", message(100_000), () => answered.push(i)),
    );
    for (const job of jobs) job?.cancel();
    const result = await decompress(compressor, "gzip", gzipSync(message(1000)));
    assert.ok(result.ok && message(1000).equals(result.bytes));
    assert.deepEqual(answered, []);
  });

  it("throws for an encoding that it does not offer: a bug of ours", () => {
    const compressor = new ZlibCompressor();
    assert.throws(
      () => compressor.compress("br", Buffer.alloc(1), () => {}),
      /internal error: a message encoding is one of the compressor's, not br/,
    );
    assert.throws(() => compressor.decompress("br", Buffer.alloc(1), limit, () => {}), /internal error/);
  });
});
