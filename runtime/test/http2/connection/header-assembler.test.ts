import assert from "node:assert/strict";
import { HeaderAssembler } from "../../../src/http2/connection/header-assembler.js";
import type { Violation } from "../../../src/http2/error-code.js";
import { FrameReader } from "../../../src/http2/frame/frame-reader.js";
import { defaultHttp2Limits } from "../../../src/http2/limits.js";
import { bytesOf, frames, frameType, type Part } from "../../support/frames.js";

/** Gives frames to an assembler; the answer of each. */
function assemble(assembler: HeaderAssembler, ...parts: Part[]): (boolean | Violation)[] {
  const reader = new FrameReader(1 << 20);
  reader.push(bytesOf(...parts));
  const answers: (boolean | Violation)[] = [];
  while (reader.next() === "frame") {
    answers.push(reader.type === frameType.HEADERS ? assembler.headers(reader) : assembler.continuation(reader));
  }
  return answers;
}

function create(limits: Partial<typeof defaultHttp2Limits> = {}): HeaderAssembler {
  return new HeaderAssembler({ ...defaultHttp2Limits, ...limits });
}

function blockOf(assembler: HeaderAssembler): string {
  return Buffer.from(assembler.bytes.subarray(assembler.start, assembler.end)).toString();
}

const block = (text: string) => frames.headers(1).block(Buffer.from(text));

describe("HeaderAssembler", () => {
  it("takes a block that lies in one frame, where it lies", () => {
    const assembler = create();
    assert.deepEqual(assemble(assembler, block("abc").endStream()), [true]);
    assert.equal(blockOf(assembler), "abc");
    assert.equal(assembler.streamId, 1);
    assert.ok(assembler.endStream && !assembler.expecting);
  });

  it("takes padding and priority off", () => {
    for (const headers of [block("abc").padded(0), block("abc").padded(255), block("abc").priority(3)]) {
      const assembler = create();
      assert.deepEqual(assemble(assembler, headers), [true]);
      assert.equal(blockOf(assembler), "abc");
    }
    const assembler = create();
    assert.deepEqual(assemble(assembler, block("abc").priority(3, 1, true).padded(9)), [true]);
    assert.equal(blockOf(assembler), "abc");
    assert.ok(!assembler.endStream);
  });

  it("takes an empty block", () => {
    for (const headers of [block(""), block("").padded(4), block("").priority(3).padded(0)]) {
      const assembler = create();
      assert.deepEqual(assemble(assembler, headers), [true]);
      assert.equal(blockOf(assembler), "");
    }
  });

  it("joins CONTINUATION frames, the last of which may be empty", () => {
    const assembler = create();
    const answers = assemble(
      assembler,
      block("ab").padded(3).endStream().unfinished(),
      frames.continuation(1, Buffer.from("cd")),
      frames.continuation(1, Buffer.from("")).endHeaders(),
    );
    assert.deepEqual(answers, [false, false, true]);
    assert.equal(blockOf(assembler), "abcd");
    assert.ok(assembler.endStream, "END_STREAM stands on HEADERS");
    assert.ok(!assembler.expecting);
    assert.deepEqual(assemble(assembler, block("next")), [true]);
    assert.equal(blockOf(assembler), "next");
    assert.ok(!assembler.endStream);
  });

  it("keeps no hold of the chunks that carried the pieces", () => {
    const assembler = create();
    const reader = new FrameReader(1 << 20);
    const chunk = bytesOf(block("ab").unfinished());
    reader.push(chunk);
    assert.equal(reader.next(), "frame");
    assembler.headers(reader);
    chunk.fill(0x78);
    assert.deepEqual(assemble(assembler, frames.continuation(1, Buffer.from("cd")).endHeaders()), [true]);
    assert.equal(blockOf(assembler), "abcd");
  });

  it("says what interrupts a block", () => {
    const assembler = create();
    assemble(assembler, block("ab").unfinished());
    assert.ok(assembler.expecting);
    assert.deepEqual(assembler.interruption(0), {
      scope: "connection",
      code: 1,
      message: "DATA frame came amid the header block of stream 1, expected CONTINUATION",
    });
  });

  it("refuses CONTINUATION out of place", () => {
    const message = (id: number) => ({
      scope: "connection",
      code: 1,
      message: `CONTINUATION of stream ${id} does not follow a HEADERS frame of that stream`,
    });
    assert.deepEqual(assemble(create(), frames.continuation(1, Buffer.alloc(0)).endHeaders()), [message(1)]);
    assert.deepEqual(assemble(create(), block(""), frames.continuation(1, Buffer.alloc(0))), [true, message(1)]);
    assert.deepEqual(assemble(create(), block("").unfinished(), frames.continuation(3, Buffer.alloc(0))), [
      false,
      message(3),
    ]);
  });

  describe("frames too short for what their flags say", () => {
    const cases: [string, Buffer, number][] = [
      ["no pad length", frames.raw(1, 0xc, 1, Buffer.alloc(0)), 6],
      ["padding over the end", frames.raw(1, 0xc, 1, Buffer.of(1)), 1],
      ["padding over the priority", frames.raw(1, 0x2c, 1, Buffer.alloc(6, 1)), 1],
      ["no room for priority", frames.raw(1, 0x24, 1, Buffer.alloc(4)), 6],
      ["no room for padding and priority", frames.raw(1, 0x2c, 1, Buffer.alloc(5)), 6],
    ];
    for (const [what, bytes, code] of cases) {
      it(what, () => {
        const message = `HEADERS frame is ${bytes.length - 9} bytes, too short for its padding and priority`;
        assert.deepEqual(assemble(create(), bytes), [{ scope: "connection", code, message }]);
      });
    }
    it("just long enough", () => {
      assert.deepEqual(assemble(create(), frames.raw(1, 0x2c, 1, Buffer.of(1, 0, 0, 0, 0, 0, 0))), [true]);
    });
  });

  it("R17 h2 0.4.4 RUSTSEC-2024-0332, CVE-2024-27316: limits the CONTINUATION frames of a block", () => {
    const assembler = create({ maxContinuationFrames: 2 });
    const one = frames.continuation(1, Buffer.from("x")).build();
    const last = frames.continuation(1, Buffer.from("x")).endHeaders();
    assert.deepEqual(assemble(assembler, block("").unfinished(), one, last), [false, false, true]);
    assert.deepEqual(assemble(assembler, block("").unfinished(), one, one, last), [
      false,
      false,
      false,
      { scope: "connection", code: 11, message: "header block has more than 2 CONTINUATION frames" },
    ]);
  });

  it("R39 netty CVE-2026-33871: an empty CONTINUATION that is not the last one is an error", () => {
    const answers = assemble(create(), block("x").unfinished(), frames.continuation(1, Buffer.alloc(0)));
    assert.deepEqual(answers[1], {
      scope: "connection",
      code: 11,
      message: "CONTINUATION frame is empty and not the last one",
    });
  });

  it("R98 golang CVE-2023-45288: limits the encoded block to twice the list", () => {
    const limits = { maxHeaderListBytes: 100 };
    const fill = (size: number) => frames.continuation(1, Buffer.alloc(size));
    assert.deepEqual(assemble(create(limits), block("x".repeat(100)).unfinished(), fill(100).endHeaders()), [
      false,
      true,
    ]);
    assert.deepEqual(assemble(create(limits), block("x".repeat(100)).unfinished(), fill(101)), [
      false,
      { scope: "connection", code: 11, message: "header block is 201 bytes so far, limit 200" },
    ]);
    assert.deepEqual(assemble(create(limits), block("x".repeat(201)).unfinished()), [
      { scope: "connection", code: 11, message: "header block is 201 bytes so far, limit 200" },
    ]);
  });
});
