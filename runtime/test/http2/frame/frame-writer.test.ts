import assert from "node:assert/strict";
import { OutputArena } from "../../../src/base/output-arena.js";
import {
  appendGoAway,
  appendPing,
  appendRstStream,
  appendSettings,
  appendSettingsAck,
  appendWindowUpdate,
  typeAndFlags,
  writeFrameHeader,
} from "../../../src/http2/frame/frame-writer.js";
import { bytesOf, frames, type Part, parseFrames } from "../../support/frames.js";

function written(write: (sink: OutputArena) => void): Buffer {
  const arena = new OutputArena();
  write(arena);
  return Buffer.concat(arena.take());
}

describe("frame-writer", () => {
  const cases: [string, (sink: OutputArena) => void, Part][] = [
    [
      "SETTINGS",
      (sink) => appendSettings(sink, [1, 4096, 4, 0x7fffffff, 6, 0xffffffff]),
      frames.settings(1, 4096, 4, 0x7fffffff, 6, 0xffffffff),
    ],
    ["empty SETTINGS", (sink) => appendSettings(sink, []), frames.settings()],
    ["a SETTINGS acknowledgement", appendSettingsAck, frames.settingsAck()],
    ["PING", (sink) => appendPing(sink, false, Buffer.from("12345678"), 0), frames.ping()],
    [
      "a PING answer from the middle of a chunk",
      (sink) => appendPing(sink, true, Buffer.from("xx12345678x"), 2),
      frames.pingAck(Buffer.from("12345678")),
    ],
    [
      "WINDOW_UPDATE",
      (sink) => appendWindowUpdate(sink, 0x7fffffff, 0x7fffffff),
      frames.windowUpdate(0x7fffffff, 0x7fffffff),
    ],
    ["RST_STREAM", (sink) => appendRstStream(sink, 3, 0xffffffff), frames.rst(3, 0xffffffff)],
    ["GOAWAY", (sink) => appendGoAway(sink, 0x7fffffff, 11, "calm ☺"), frames.goAway(0x7fffffff, 11, "calm ☺")],
  ];
  for (const [what, write, expected] of cases) {
    it(`writes ${what}`, () => assert.deepEqual(written(write), bytesOf(expected)));
  }

  it("cuts debug data at 1 KiB", () => {
    const [frame] = parseFrames(written((sink) => appendGoAway(sink, 0, 0, "x".repeat(5000))));
    assert.equal(frame?.payload.length, 8 + 1024);
  });

  it("writes a frame header at any offset", () => {
    const bytes = Buffer.alloc(11, 0xaa);
    writeFrameHeader(bytes, 1, 0xabcdef, typeAndFlags(9, 0x2d), 0x12345678);
    assert.equal(bytes.toString("hex"), "aaabcdef092d12345678aa");
  });
});
