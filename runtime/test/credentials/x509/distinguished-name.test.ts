import assert from "node:assert/strict";
import { readDistinguishedName } from "../../../src/credentials/x509/distinguished-name.js";

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const contents = Buffer.concat(parts);
  assert.ok(contents.length < 128);
  return Buffer.concat([Buffer.from([tag, contents.length]), contents]);
}

const cn = der(0x06, Buffer.from("550403", "hex"));
const ou = der(0x06, Buffer.from("55040b", "hex"));
const dc = der(0x06, Buffer.from("0992268993f22c640119", "hex"));
const unknown = der(0x06, Buffer.from("2a0304", "hex"));
const utf8 = (text: string): Buffer => der(0x0c, Buffer.from(text));
const pair = (type: Buffer, value: Buffer): Buffer => der(0x30, type, value);
const name = (...parts: readonly Buffer[]): string | undefined => readDistinguishedName(Buffer.concat(parts));
const ofText = (text: string): string | undefined => name(der(0x31, pair(cn, utf8(text))));

describe("readDistinguishedName", () => {
  it("puts the last part first", () => {
    assert.equal(
      name(der(0x31, pair(dc, der(0x16, Buffer.from("example")))), der(0x31, pair(cn, utf8("shop")))),
      "CN=shop,DC=example",
    );
  });

  it("is empty where there is none", () => assert.equal(name(), ""));

  it("joins what stands in one part", () => {
    assert.equal(name(der(0x31, pair(cn, utf8("shop")), pair(ou, utf8("sales")))), "CN=shop+OU=sales");
  });

  for (const [text, written] of [
    ["Ex, Inc.", "Ex\\, Inc."],
    [' a"b+c<d>e;f\\g ', '\\ a\\"b\\+c\\<d\\>e\\;f\\\\g\\ '],
    ["#1", "\\#1"],
    ["a#b", "a#b"],
    ["a\0b\nc", "a\\00b\\0ac"],
    ["Müller ☺", "Müller ☺"],
    ["", ""],
  ] as const) {
    it(`writes ${JSON.stringify(text)} so that it cannot be taken for something else`, () => {
      assert.equal(ofText(text), `CN=${written}`);
    });
  }

  it("reads the strings of older certificates", () => {
    assert.equal(name(der(0x31, pair(cn, der(0x13, Buffer.from("shop"))))), "CN=shop");
    assert.equal(name(der(0x31, pair(cn, der(0x14, Buffer.from("M\xfcller", "latin1"))))), "CN=Müller");
    assert.equal(name(der(0x31, pair(cn, der(0x1e, Buffer.from("0053006803a9", "hex"))))), "CN=ShΩ");
  });

  it("writes what it does not know as hexadecimal digits", () => {
    assert.equal(name(der(0x31, pair(unknown, utf8("x")))), "1.2.3.4=#0c0178");
    assert.equal(name(der(0x31, pair(cn, der(0x0c, Buffer.from([0xff]))))), "CN=#0c01ff");
    assert.equal(name(der(0x31, pair(cn, der(0x1e, Buffer.from([1]))))), "CN=#1e0101");
  });

  it("does not read what is no name", () => {
    assert.equal(name(Buffer.from([0x31])), undefined);
    assert.equal(name(der(0x30, pair(cn, utf8("x")))), undefined);
    assert.equal(name(der(0x31)), undefined);
    assert.equal(name(der(0x31, utf8("x"))), undefined);
    assert.equal(name(der(0x31, der(0x30, cn))), undefined);
    assert.equal(name(der(0x31, der(0x30, cn, utf8("x"), utf8("y")))), undefined);
  });
});
