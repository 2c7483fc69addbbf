import assert from "node:assert/strict";
import { HpackEncoder } from "../../src/hpack/encoder.js";
import { createDecoder, decode, decodeBlock, encodeFields, fieldsOf, octets, wire } from "./fields.js";

interface Step {
  readonly hex: string;
  readonly fields: readonly string[];
  /** The dynamic table afterwards, newest first, names and values in turn. */
  readonly table: readonly string[];
  readonly tableBytes: number;
}

/** Decodes the steps and checks the table after each through the indices that a peer would use. */
function decodeSteps(steps: readonly Step[], tableSize?: number): void {
  for (let count = 1; count <= steps.length; count++) {
    const decoder = createDecoder();
    if (tableSize !== undefined) decodeBlock(decoder, wire.sizeUpdate(tableSize));
    for (const step of steps.slice(0, count)) {
      assert.deepEqual(fieldsOf(decodeBlock(decoder, octets(step.hex))), step.fields);
      assert.equal(decoder.tableBytes, step.tableBytes);
    }
    const { table } = steps[count - 1] as Step;
    const indices = Array.from({ length: table.length / 2 }, (_, i) => wire.indexed(62 + i));
    assert.deepEqual(fieldsOf(decodeBlock(decoder, Buffer.concat(indices))), table);
    const result = decode(decoder, wire.indexed(62 + indices.length));
    assert.equal(result.kind, "error", "nothing else is in the table");
  }
}

const authority = [":authority", "www.example.com"];
const requestFields = [
  [":method", "GET", ":scheme", "http", ":path", "/", ...authority],
  [":method", "GET", ":scheme", "http", ":path", "/", ...authority, "cache-control", "no-cache"],
  [":method", "GET", ":scheme", "https", ":path", "/index.html", ...authority, "custom-key", "custom-value"],
] as const;
const requestTables = [
  { table: authority, tableBytes: 57 },
  { table: ["cache-control", "no-cache", ...authority], tableBytes: 110 },
  { table: ["custom-key", "custom-value", "cache-control", "no-cache", ...authority], tableBytes: 164 },
] as const;

const date21 = ["date", "Mon, 21 Oct 2013 20:13:21 GMT"];
const date22 = ["date", "Mon, 21 Oct 2013 20:13:22 GMT"];
const location = ["location", "https://www.example.com"];
const isPrivate = ["cache-control", "private"];
const gzip = ["content-encoding", "gzip"];
const cookie = ["set-cookie", "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"];
const responseFields = [
  [":status", "302", ...isPrivate, ...date21, ...location],
  [":status", "307", ...isPrivate, ...date21, ...location],
  [":status", "200", ...isPrivate, ...date22, ...location, ...gzip, ...cookie],
] as const;
const responseTables = [
  { table: [...location, ...date21, ...isPrivate, ":status", "302"], tableBytes: 222 },
  { table: [":status", "307", ...location, ...date21, ...isPrivate], tableBytes: 222 },
  { table: [...cookie, ...gzip, ...date22], tableBytes: 215 },
] as const;

function stepsOf(
  hex: readonly string[],
  fields: readonly (readonly string[])[],
  tables: readonly { table: readonly string[]; tableBytes: number }[],
): Step[] {
  assert.equal(hex.length, fields.length);
  return hex.map((text, i) => {
    const { table, tableBytes } = tables[i] as { table: readonly string[]; tableBytes: number };
    return { hex: text, fields: fields[i] as readonly string[], table, tableBytes };
  });
}

const requestsWithHuffman = [
  "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
  "8286 84be 5886 a8eb 1064 9cbf",
  "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
];
const responsesWithHuffman = [
  `4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad
   1718 63c7 8f0b 97c8 e9ae 82ae 43d3`,
  "4883 640e ffc1 c0bf",
  `88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2
   e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07`,
];

describe("RFC 7541 Appendix C", () => {
  it("C.2.1 literal header field with indexing", () => {
    const hex = "400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572";
    const fields = ["custom-key", "custom-header"];
    decodeSteps([{ hex, fields, table: fields, tableBytes: 55 }]);
  });

  it("C.2.2 literal header field without indexing", () => {
    const hex = "040c 2f73 616d 706c 652f 7061 7468";
    decodeSteps([{ hex, fields: [":path", "/sample/path"], table: [], tableBytes: 0 }]);
  });

  it("C.2.3 literal header field never indexed", () => {
    const hex = "1008 7061 7373 776f 7264 0673 6563 7265 74";
    decodeSteps([{ hex, fields: ["password", "secret"], table: [], tableBytes: 0 }]);
  });

  it("C.2.4 indexed header field, both ways", () => {
    decodeSteps([{ hex: "82", fields: [":method", "GET"], table: [], tableBytes: 0 }]);
    assert.equal(encodeFields(new HpackEncoder(), ":method", "GET").toString("hex"), "82");
  });

  it("C.3 requests without Huffman coding", () => {
    const hex = [
      "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
      "8286 84be 5808 6e6f 2d63 6163 6865",
      "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
    ];
    decodeSteps(stepsOf(hex, requestFields, requestTables));
  });

  it("C.4 requests with Huffman coding", () => {
    decodeSteps(stepsOf(requestsWithHuffman, requestFields, requestTables));
  });

  it("C.4 as our encoder writes it, to the octet", () => {
    const encoder = new HpackEncoder();
    for (const [i, fields] of requestFields.entries()) {
      assert.equal(encodeFields(encoder, ...fields).toString("hex"), requestsWithHuffman[i]?.replace(/\s/g, ""));
      assert.equal(encoder.tableBytes, requestTables[i]?.tableBytes);
    }
  });

  it("C.5 responses without Huffman coding, with evictions", () => {
    const hex = [
      `4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32
       3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d`,
      "4803 3330 37c1 c0bf",
      `88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970
       7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61
       6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31`,
    ];
    decodeSteps(stepsOf(hex, responseFields, responseTables), 256);
  });

  it("C.6 responses with Huffman coding, with evictions", () => {
    decodeSteps(stepsOf(responsesWithHuffman, responseFields, responseTables), 256);
  });

  it("C.6.1 as our encoder writes it, behind the size update", () => {
    const encoder = new HpackEncoder();
    encoder.setMaxTableSize(256);
    const expected = wire.sizeUpdate(256).toString("hex") + responsesWithHuffman[0]?.replace(/\s/g, "");
    assert.equal(encodeFields(encoder, ...responseFields[0]).toString("hex"), expected);
    assert.equal(encoder.tableBytes, 222);
  });
});
