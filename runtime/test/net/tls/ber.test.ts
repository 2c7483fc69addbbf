import assert from "node:assert/strict";
import { derOfBer } from "../../../src/net/tls/ber.js";

const hex = (bytes: Uint8Array | undefined): string | undefined => bytes && Buffer.from(bytes).toString("hex");
const ber = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));

describe("DER of BER", () => {
  const rows: readonly (readonly [what: string, from: string, to: string | undefined])[] = [
    ["DER as it is", "30 03 02 01 05", "3003020105"],
    ["indefinite lengths", "30 80 30 80 02 01 05 00 00 00 00", "30053003020105"],
    ["lengths that are longer than need be", "30 82 00 03 02 81 01", undefined],
    ["a long form of a short length", "30 84 00 00 00 03 02 01 05", "3003020105"],
    ["octet strings in pieces", "24 80 04 01 aa 24 04 04 02 bb cc 00 00", "0403aabbcc"],
    ["an octet string of other pieces", "24 03 02 01 05", undefined],
    ["a primitive of indefinite length", "04 80 00 00", undefined],
    ["an end that does not come", "30 80 02 01 05", undefined],
    ["a part that is longer than the whole", "30 03 02 05 00 00 00 00 00", undefined],
    ["something behind it", "02 01 05 00", undefined],
    ["nothing", "", undefined],
    ["what is nested without an end", "30 80".repeat(10_000), undefined],
  ];
  for (const [what, from, to] of rows) {
    it(`takes ${what}: ${to ?? "refused"}`, () => assert.equal(hex(derOfBer(ber(from))), to));
  }
});
