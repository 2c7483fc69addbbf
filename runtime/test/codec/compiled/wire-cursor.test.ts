import assert from "node:assert/strict";
import { recursionLimit, WireCursor } from "../../../src/codec/compiled/wire-cursor.js";

function cursorOf(hex: string): WireCursor {
  const bytes = Buffer.from(`ffff${hex.replaceAll(" ", "")}00`, "hex");
  return new WireCursor("a.M", bytes, 2, bytes.length - 1, false);
}

/** Reads all fields as unknown ones. */
function unknownOf(hex: string): string[] {
  const r = cursorOf(hex);
  let fields: ReturnType<WireCursor["unknown"]> | undefined;
  while (r.position < r.limit) fields = r.unknown(r.tag(), fields);
  r.leave(r.limit, -1);
  return (fields ?? []).map(({ no, wireType, data }) => `${no}/${wireType} ${Buffer.from(data).toString("hex")}`);
}

const nested = (depth: number) => "0b".repeat(depth) + "0c".repeat(depth);

describe("codec/compiled/wire-cursor", () => {
  it("keeps unknown fields of every wire type", () => {
    const fields = "0805 11 0102030405060708 1a 03 616263 23 0801 2400 24 2d 01020304";
    assert.throws(() => unknownOf(fields));
    assert.deepEqual(unknownOf("0805 11 0102030405060708 1a 03 616263 23 0801 13 14 24 2d 01020304"), [
      "1/0 05",
      "2/1 0102030405060708",
      "3/2 03616263",
      "4/3 0801131424",
      "5/5 01020304",
    ]);
    assert.deepEqual(unknownOf("f8ffffff0f 01"), ["536870911/0 01"]);
    assert.deepEqual(unknownOf(""), []);
  });

  const failures: readonly [hex: string, what: string][] = [
    ["00", "a tag has field number 0 at byte 1 of 1"],
    ["0705", "a tag has field number 0 at byte 1 of 2"],
    ["0e", "a tag has wire type 6 at byte 1 of 1"],
    ["0f", "a tag has wire type 7 at byte 1 of 1"],
    ["0c", "group 1 ends without a beginning at byte 1 of 1"],
    ["0b", "group 1 is not ended at byte 1 of 1"],
    ["0b 0805", "group 1 is not ended at byte 3 of 3"],
    ["0b 14", "group 2 ends without a beginning at byte 2 of 2"],
    ["0b 00 0c", "a tag has field number 0 at byte 2 of 3"],
    ["80", "a tag is cut off or has more than 32 bits at byte 0 of 1"],
    ["ffffffff10", "a tag is cut off or has more than 32 bits at byte 0 of 5"],
    ["8880808080 00", "a tag is cut off or has more than 32 bits at byte 0 of 6"],
    ["08", "a varint is cut off at byte 1 of 1"],
    ["08 80", "a varint is cut off at byte 1 of 2"],
    ["08 8080808080808080808000", "a varint has more than 10 bytes at byte 1 of 12"],
    ["09 01020304050607", "8 bytes are cut off at byte 1 of 8"],
    ["0d 010203", "4 bytes are cut off at byte 1 of 4"],
    ["0a 02 01", "a length of 2 goes beyond the end at byte 1 of 3"],
    ["0a ffffffff0f 01", "a length of 4294967295 goes beyond the end at byte 1 of 7"],
    ["0a", "a length of 0 goes beyond the end at byte 1 of 1"],
  ];
  for (const [hex, what] of failures) {
    it(`says that ${what.replace(/ at byte .*/, "")} (${hex})`, () => {
      assert.throws(() => unknownOf(hex), { name: "Error", message: `a.M: ${what}` });
    });
  }

  it("counts groups and messages up to one limit", () => {
    assert.deepEqual(unknownOf(nested(recursionLimit - 1)).length, 1);
    const tooDeep = "a.M: messages are nested deeper than 100 at byte 100 of 200";
    assert.throws(() => unknownOf(nested(recursionLimit)), { message: tooDeep });
    const r = cursorOf("0b0c");
    for (let depth = 1; depth < recursionLimit; depth++) r.enterGroup(r.limit);
    assert.throws(() => r.enterGroup(r.limit), /nested deeper than 100/);
    const s = cursorOf("0b0c");
    for (let depth = 1; depth < recursionLimit; depth++) s.enterGroup(s.limit);
    assert.throws(() => s.skip(s.tag()), /nested deeper than 100/);
  });

  it("keeps what is nested within its parent", () => {
    const r = cursorOf("04 02 0102 03");
    const outer = r.enter(r.limit);
    const inner = r.enter(outer);
    r.advance(2);
    r.leave(inner, -1);
    assert.throws(() => r.enter(outer), { message: "a.M: a length of 3 goes beyond the end at byte 4 of 5" });
    const s = cursorOf("02 02 01 02");
    const end = s.enter(s.limit);
    assert.throws(() => s.enter(end), {
      message: "a.M: a length of 2 goes beyond the message that it is in at byte 1 of 4",
    });
    const t = cursorOf("01 0102");
    const part = t.enter(t.limit);
    t.advance(2);
    assert.throws(() => t.leave(part, -1), {
      message: "a.M: a field goes beyond the part that ends at byte 2 of 3",
    });
  });

  it("finds where a group ends, and that it does not", () => {
    const r = cursorOf("0801 0b 0c 14 0805");
    assert.equal(r.passGroup(0x14), 2 + 4);
    assert.equal(r.position, 2 + 5);
    assert.throws(() => cursorOf("0801").passGroup(0x14), { message: "a.M: group 2 is not ended at byte 2 of 2" });
    assert.throws(() => cursorOf("0801").leave(4, 0x14), { message: "a.M: group 2 is not ended at byte 0 of 2" });
  });
});
