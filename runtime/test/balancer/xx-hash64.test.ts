import assert from "node:assert/strict";
import { compareHash64, formatHash64, type Hash64, xxHash64 } from "../../src/balancer/xx-hash64.js";

/** Length of the input, seed, hash: made with github.com/cespare/xxhash, which grpc-go uses. */
const vectors: readonly (readonly [number, string, string])[] = [
  [0, "0000000000000000", "ef46db3751d8e999"],
  [0, "0000000000000001", "d5afba1336a3be4b"],
  [0, "fedcba9876543210", "7cc8df76db892f66"],
  [1, "0000000000000000", "1f25c8d0bc1f4bb6"],
  [1, "0000000000000001", "610f93f8c89889fe"],
  [1, "fedcba9876543210", "9a63d6d881456d63"],
  [3, "0000000000000000", "31d2363f52e564c9"],
  [3, "0000000000000001", "2d80e074130d0176"],
  [3, "fedcba9876543210", "1217a6d16470ab40"],
  [4, "0000000000000000", "9bb64b7d66ee9fda"],
  [4, "0000000000000001", "5ec9fdd10fcbcb0e"],
  [4, "fedcba9876543210", "145ad4c73c96b124"],
  [5, "0000000000000000", "c7608efddb7051fe"],
  [5, "0000000000000001", "89c1d7fbeb0222bf"],
  [5, "fedcba9876543210", "fee0c244a0bb8e57"],
  [7, "0000000000000000", "9a7b149959ce60d8"],
  [7, "0000000000000001", "d8b4a941715fee31"],
  [7, "fedcba9876543210", "991335ec9c8cf8ad"],
  [8, "0000000000000000", "dab99d95c6f90092"],
  [8, "0000000000000001", "f119f5b26c0020ab"],
  [8, "fedcba9876543210", "70c256c67cc2bba6"],
  [9, "0000000000000000", "170bb6bf975b4c02"],
  [9, "0000000000000001", "c35609e49aadbb91"],
  [9, "fedcba9876543210", "225d80578365b6e4"],
  [12, "0000000000000000", "d52e407833af5133"],
  [12, "0000000000000001", "37851f0d89d23966"],
  [12, "fedcba9876543210", "f871b6e1f4967763"],
  [15, "0000000000000000", "1b47cb8243cc8e32"],
  [15, "0000000000000001", "7a94ee016f09b732"],
  [15, "fedcba9876543210", "2634f07b6c7c300d"],
  [16, "0000000000000000", "434850232b787be2"],
  [16, "0000000000000001", "c9681422ce33496d"],
  [16, "fedcba9876543210", "10e39fc022dbef76"],
  [31, "0000000000000000", "a2aa5f33cc4a6119"],
  [31, "0000000000000001", "aaca4e41ffcae21c"],
  [31, "fedcba9876543210", "39effdcd4d49471c"],
  [32, "0000000000000000", "23c3c17ef790fd97"],
  [32, "0000000000000001", "7421b79a02b42132"],
  [32, "fedcba9876543210", "e67b5ff882ad0035"],
  [33, "0000000000000000", "50a7cfc7ba588784"],
  [33, "0000000000000001", "17b3df313de9a40e"],
  [33, "fedcba9876543210", "8a8fb7e6acd0a5ee"],
  [39, "0000000000000000", "880bbeea606e4b37"],
  [39, "0000000000000001", "099749b276e493a2"],
  [39, "fedcba9876543210", "30d23e4a77f3da5f"],
  [40, "0000000000000000", "b620306b253d76b6"],
  [40, "0000000000000001", "8c15d7af4fd7bc9f"],
  [40, "fedcba9876543210", "f5dca7e1a43a7013"],
  [63, "0000000000000000", "5e3e54b431c7493c"],
  [63, "0000000000000001", "b1abb4a5ad0e2943"],
  [63, "fedcba9876543210", "c4e88d815dff7610"],
  [64, "0000000000000000", "0eb64b3ef6eeb01f"],
  [64, "0000000000000001", "2d0457940c5a93f4"],
  [64, "fedcba9876543210", "17cb9468e7ccd05b"],
  [65, "0000000000000000", "a383b724b2bd12f1"],
  [65, "0000000000000001", "6153dc23fc8bebd8"],
  [65, "fedcba9876543210", "8868be142711d924"],
  [100, "0000000000000000", "a61f8d4c170fe531"],
  [100, "0000000000000001", "8d8957e68f02c7ce"],
  [100, "fedcba9876543210", "df6e71b9983faed8"],
  [255, "0000000000000000", "39ae55a29989206f"],
  [255, "0000000000000001", "c4b1acca1d37e7e4"],
  [255, "fedcba9876543210", "b451cf31a2c51e29"],
  [300, "0000000000000000", "240004dbee0ba6dc"],
  [300, "0000000000000001", "8197c668a97c7639"],
  [300, "fedcba9876543210", "ab14dd8c59b03741"],
];

/** Bytes 3, 10, 17, ... */
function input(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => i * 7 + 3);
}

function hash64(digits: string): Hash64 {
  return { high: Number.parseInt(digits.slice(0, 8), 16), low: Number.parseInt(digits.slice(8), 16) };
}

describe("xxHash64", () => {
  it("is XXH64 for inputs of every kind of length, with and without a seed", () => {
    for (const [length, seed, expected] of vectors) {
      assert.equal(formatHash64(xxHash64(input(length), hash64(seed))), expected, `${length} bytes, seed ${seed}`);
    }
  });

  it("of a text is that of its UTF-8", () => {
    const hashOf = (text: string): string => formatHash64(xxHash64(Buffer.from(text)));
    assert.equal(hashOf(""), "ef46db3751d8e999");
    assert.equal(hashOf("a"), "d24ec4f1a98c6e5b");
    assert.equal(hashOf("abc"), "44bc2cf5ad770999");
    assert.equal(hashOf("127.0.0.1:50051_0"), "2aa0808c170b12a2");
    assert.equal(hashOf("ünïcode"), "aff510094968e696");
  });

  it("reads a part of a larger memory", () => {
    const whole = input(100);
    assert.deepEqual(xxHash64(whole.subarray(10, 60)), xxHash64(Uint8Array.from(whole.subarray(10, 60))));
  });
});

describe("compareHash64", () => {
  it("orders by the whole number, unsigned", () => {
    const sorted = ["0000000000000000", "00000000ffffffff", "0000000100000000", "7fffffff00000000", "8000000000000000"];
    const hashes = sorted.map(hash64);
    assert.deepEqual([...hashes].reverse().sort(compareHash64), hashes);
    assert.equal(compareHash64(hash64("ffffffffffffffff"), hash64("ffffffffffffffff")), 0);
  });
});
