import assert from "node:assert/strict";
import { localSettings, RemoteSettings } from "../../../src/http2/connection/settings.js";
import type { Violation } from "../../../src/http2/error-code.js";
import { defaultHttp2Limits } from "../../../src/http2/limits.js";
import { frames, parseFrames, settingId } from "../../support/frames.js";

function apply(remote: RemoteSettings, ...settings: number[]): Violation | undefined {
  const [frame] = parseFrames(frames.settings(...settings).build());
  const bytes = Buffer.concat([Buffer.of(9), frame?.payload ?? Buffer.alloc(0), Buffer.of(9)]);
  return remote.apply(bytes, 1, bytes.length - 1, "client", defaultHttp2Limits);
}

describe("RemoteSettings", () => {
  it("starts with the protocol's defaults", () => {
    const { headerTableBytes, maxConcurrentStreams, initialWindowBytes, maxFrameBytes, maxHeaderListBytes } =
      new RemoteSettings();
    assert.deepEqual(
      [headerTableBytes, maxConcurrentStreams, initialWindowBytes, maxFrameBytes, maxHeaderListBytes],
      [4096, Number.POSITIVE_INFINITY, 65535, 16384, Number.POSITIVE_INFINITY],
    );
  });

  it("takes every setting, the largest and the smallest values too", () => {
    for (const [table, streams, window, frame, list] of [
      [0, 0, 0, 16384, 0],
      [0xffffffff, 0xffffffff, 0x7fffffff, 0xffffff, 0xffffffff],
    ] as [number, number, number, number, number][]) {
      const remote = new RemoteSettings();
      assert.equal(apply(remote, 1, table, 2, 0, 3, streams, 4, window, 5, frame, 6, list), undefined);
      assert.equal(remote.headerTableBytes, table);
      assert.equal(remote.maxConcurrentStreams, streams);
      assert.equal(remote.initialWindowBytes, window);
      assert.equal(remote.maxFrameBytes, frame);
      assert.equal(remote.maxHeaderListBytes, list);
    }
  });

  it("lets the last value of a setting win, and ignores unknown ones", () => {
    const remote = new RemoteSettings();
    assert.equal(apply(remote, 4, 10, 0xffff, 0xffffffff, 4, 20, 0, 7), undefined);
    assert.equal(remote.initialWindowBytes, 20);
  });

  const violations: [number, number, number, string][] = [
    [settingId.ENABLE_PUSH, 2, 1, "SETTINGS_ENABLE_PUSH is 2, expected 0"],
    [
      settingId.INITIAL_WINDOW_SIZE,
      0x80000000,
      3,
      "SETTINGS_INITIAL_WINDOW_SIZE is 2147483648, expected at most 2147483647",
    ],
    [settingId.MAX_FRAME_SIZE, 16383, 1, "SETTINGS_MAX_FRAME_SIZE is 16383, expected 16384 to 16777215"],
    [settingId.MAX_FRAME_SIZE, 0, 1, "SETTINGS_MAX_FRAME_SIZE is 0, expected 16384 to 16777215"],
    [settingId.MAX_FRAME_SIZE, 16777216, 1, "SETTINGS_MAX_FRAME_SIZE is 16777216, expected 16384 to 16777215"],
  ];
  for (const [id, value, code, message] of violations) {
    it(`refuses: ${message}`, () => {
      const remote = new RemoteSettings();
      assert.deepEqual(apply(remote, 3, 5, id, value, 3, 6), { scope: "connection", code, message });
      assert.equal(remote.maxConcurrentStreams, 5, "what came before it is applied");
    });
  }

  it("refuses a server's offer to push, and takes a client's (RFC 9113 §6.5.2)", () => {
    const push = Buffer.from("000200000001", "hex");
    assert.deepEqual(new RemoteSettings().apply(push, 0, 6, "client", defaultHttp2Limits), {
      scope: "connection",
      code: 1,
      message: "SETTINGS_ENABLE_PUSH is 1, expected 0",
    });
    assert.equal(new RemoteSettings().apply(push, 0, 6, "server", defaultHttp2Limits), undefined);
    const two = Buffer.from("000200000002", "hex");
    assert.equal(
      new RemoteSettings().apply(two, 0, 6, "server", defaultHttp2Limits)?.message,
      "SETTINGS_ENABLE_PUSH is 2, expected 0 or 1",
    );
  });

  it("refuses every size that is no multiple of 6", () => {
    for (let size = 0; size <= 30; size++) {
      const violation = new RemoteSettings().apply(Buffer.alloc(size), 0, size, "client", defaultHttp2Limits);
      if (size % 6 === 0) assert.equal(violation, undefined);
      else {
        const message = `SETTINGS frame is ${size} bytes, expected a multiple of 6`;
        assert.deepEqual(violation, { scope: "connection", code: 6, message });
      }
    }
  });

  it("R97 nghttp2 CVE-2020-11080: limits the entries of one frame", () => {
    const entries = (count: number) => Buffer.alloc(6 * count);
    const limits = { ...defaultHttp2Limits, maxSettingsEntries: 32 };
    assert.equal(new RemoteSettings().apply(entries(32), 0, 192, "client", limits), undefined);
    assert.deepEqual(new RemoteSettings().apply(entries(33), 0, 198, "client", limits), {
      scope: "connection",
      code: 11,
      message: "SETTINGS frame has 33 entries, limit 32",
    });
  });
});

describe("localSettings", () => {
  it("refuses pushes as a client and limits streams as a server", () => {
    assert.deepEqual(localSettings("client", defaultHttp2Limits), [2, 0, 4, 262144, 5, 65536, 6, 16384]);
    assert.deepEqual(localSettings("server", defaultHttp2Limits), [3, 1000, 4, 262144, 5, 65536, 6, 16384]);
  });

  it("does not announce the frame size that peers expect (RFC 9113 §6.5.2)", () => {
    const limits = { ...defaultHttp2Limits, maxFrameBytes: 16384 };
    assert.deepEqual(localSettings("server", limits), [3, 1000, 4, 262144, 6, 16384]);
  });
});
