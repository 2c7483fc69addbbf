import assert from "node:assert/strict";
import { encodePem, maxPemBlocks, parsePem, parsePemOrDer } from "../../src/credentials/pem.js";

const der = (...bytes: number[]) => Uint8Array.from(bytes);
const long = Uint8Array.from({ length: 200 }, (_, i) => i);

describe("PEM", () => {
  it("has any number of blocks, with anything between them", () => {
    const text = `subject=x\n${encodePem(der(1), "A")}${encodePem(der(9), "B")}issuer=y\r\n${encodePem(long, "A")}rest`;
    assert.deepEqual(parsePem(text, "A"), { value: [der(1), long] });
    assert.deepEqual(parsePem(text.replaceAll("\n", "\r\n"), "A"), { value: [der(1), long] });
  });

  it("is written in lines of 64 characters", () => {
    const lines = encodePem(long, "A").split("\n");
    assert.deepEqual(
      lines.map(({ length }) => length),
      [17, 64, 64, 64, 64, 12, 15, 0],
    );
    assert.equal(encodePem(new Uint8Array(48), "A").split("\n").length, 4);
  });

  it("is bad when a block is not whole, at whichever byte it was cut", () => {
    const whole = encodePem(long, "X509 CRL");
    for (let length = 0; length < whole.length - 1; length++) {
      const parsed = parsePem(whole.slice(0, length), "X509 CRL");
      assert.ok("error" in parsed, `${length} bytes`);
      const both = parsePem(whole + whole.slice(0, length), "X509 CRL");
      // Before its first line is whole it is but words behind the other block.
      if (length < 24) assert.ok("value" in both);
      else assert.match("error" in both ? both.error : "", /^X509 CRL 2 (has no end|is not base64)$/);
    }
  });

  it("says what is wrong and quotes nothing", () => {
    const bad: readonly [string, string][] = [
      ["", "has no A in PEM"],
      [encodePem(long, "B"), "has no A in PEM"],
      ["-----BEGIN A-----\n-----END A-----", "A 1 is not base64"],
      ["-----BEGIN A-----\nsecret!\n-----END A-----", "A 1 is not base64"],
      ["-----BEGIN A-----\nYQ=\n-----END A-----", "A 1 is not base64"],
      ["-----BEGIN A-----\nYQ==\n-----END B-----", "A 1 has no end"],
      ["-----BEGIN A-----\n-----BEGIN A-----\nYQ==\n-----END A-----", "A 1 has no end"],
      ["-----BEGIN A-----\nProc-Type: 4,ENCRYPTED\nYQ==\n-----END A-----", "A 1 is not base64"],
    ];
    for (const [text, error] of bad) assert.deepEqual(parsePem(text, "A"), { error }, text);
  });

  it("has a limit, and takes no time for what is hostile", () => {
    const one = encodePem(der(1), "A");
    assert.ok("value" in parsePem(one.repeat(maxPemBlocks), "A"));
    assert.deepEqual(parsePem(one.repeat(maxPemBlocks + 1), "A"), { error: "has more than 10000 of A" });
    assert.deepEqual(parsePem("-----BEGIN A-----".repeat(100_000), "A"), { error: "A 1 has no end" });
    assert.deepEqual(parsePem(`-----BEGIN A-----${" ".repeat(1_000_000)}x`, "A"), { error: "A 1 has no end" });
  });

  it("stands beside DER", () => {
    assert.deepEqual(parsePemOrDer(der(0x30, 1), "A"), { value: [der(0x30, 1)] });
    assert.deepEqual(parsePemOrDer(new TextEncoder().encode(encodePem(der(1), "A")), "A"), { value: [der(1)] });
    assert.deepEqual(parsePemOrDer(encodePem(der(1), "A"), "A"), { value: [der(1)] });
    assert.deepEqual(parsePemOrDer(der(), "A"), { error: "has no A in PEM" });
    assert.deepEqual(parsePemOrDer(der(0xff, 0xfe, 0), "A"), { error: "has no A in PEM" });
  });
});
