/** SETTINGS of both sides (RFC 9113 §6.5). */
import { connectionError, ErrorCode, type Violation } from "../error-code.js";
import type { Http2Limits } from "../limits.js";
import type { Role } from "../role.js";
import { maxWindowBytes } from "../stream/flow-window.js";

/** RFC 9113 §6.5.2. */
export const SettingId = {
  HEADER_TABLE_SIZE: 0x1,
  ENABLE_PUSH: 0x2,
  MAX_CONCURRENT_STREAMS: 0x3,
  INITIAL_WINDOW_SIZE: 0x4,
  MAX_FRAME_SIZE: 0x5,
  MAX_HEADER_LIST_SIZE: 0x6,
} as const;

/** The window that a stream and a connection have before any SETTINGS or WINDOW_UPDATE (RFC 9113 §6.9.2). */
export const defaultWindowBytes = 65535;

/** Our header table for decoding: the protocol's default, so it is never announced. */
export const headerTableBytes = 4096;

/** What the peer asks of us. Starts with the protocol's defaults. */
export class RemoteSettings {
  headerTableBytes = 4096;
  /** Lowest value that headerTableBytes had in the SETTINGS applied last: the encoder has to tell it (RFC 7541 §4.2). */
  lowestHeaderTableBytes = 4096;
  maxConcurrentStreams = Number.POSITIVE_INFINITY;
  initialWindowBytes = defaultWindowBytes;
  maxFrameBytes = 16384;
  maxHeaderListBytes = Number.POSITIVE_INFINITY;

  /** Applies a SETTINGS payload, bytes[start, end), in order. Everything before a violation is applied. `role` is ours. */
  apply(bytes: Uint8Array, start: number, end: number, role: Role, limits: Http2Limits): Violation | undefined {
    const size = end - start;
    if (size % 6 !== 0) {
      return connectionError(ErrorCode.FRAME_SIZE_ERROR, `SETTINGS frame is ${size} bytes, expected a multiple of 6`);
    }
    if (size / 6 > limits.maxSettingsEntries) {
      return connectionError(
        ErrorCode.ENHANCE_YOUR_CALM,
        `SETTINGS frame has ${size / 6} entries, limit ${limits.maxSettingsEntries}`,
      );
    }
    this.lowestHeaderTableBytes = this.headerTableBytes;
    for (let offset = start; offset < end; offset += 6) {
      const id = ((bytes[offset] as number) << 8) | (bytes[offset + 1] as number);
      const value =
        (bytes[offset + 2] as number) * 0x1000000 +
        (((bytes[offset + 3] as number) << 16) | ((bytes[offset + 4] as number) << 8) | (bytes[offset + 5] as number));
      const violation = this.#set(id, value, role);
      if (violation !== undefined) return violation;
    }
    return undefined;
  }

  #set(id: number, value: number, role: Role): Violation | undefined {
    switch (id) {
      case SettingId.HEADER_TABLE_SIZE:
        this.headerTableBytes = value;
        this.lowestHeaderTableBytes = Math.min(this.lowestHeaderTableBytes, value);
        return undefined;
      case SettingId.ENABLE_PUSH:
        // RFC 9113 §6.5.2: a server may not offer to push.
        if (value <= (role === "server" ? 1 : 0)) return undefined;
        return outOfRange("SETTINGS_ENABLE_PUSH", value, role === "server" ? "0 or 1" : "0", ErrorCode.PROTOCOL_ERROR);
      case SettingId.MAX_CONCURRENT_STREAMS:
        this.maxConcurrentStreams = value;
        return undefined;
      case SettingId.INITIAL_WINDOW_SIZE:
        if (value > maxWindowBytes) {
          return outOfRange("SETTINGS_INITIAL_WINDOW_SIZE", value, "at most 2147483647", ErrorCode.FLOW_CONTROL_ERROR);
        }
        this.initialWindowBytes = value;
        return undefined;
      case SettingId.MAX_FRAME_SIZE:
        if (value < 16384 || value > 16777215) {
          return outOfRange("SETTINGS_MAX_FRAME_SIZE", value, "16384 to 16777215", ErrorCode.PROTOCOL_ERROR);
        }
        this.maxFrameBytes = value;
        return undefined;
      case SettingId.MAX_HEADER_LIST_SIZE:
        this.maxHeaderListBytes = value;
        return undefined;
      default:
        // RFC 9113 §6.5.2: unknown settings are ignored.
        return undefined;
    }
  }
}

function outOfRange(name: string, value: number, expected: string, code: number): Violation {
  return connectionError(code, `${name} is ${value}, expected ${expected}`);
}

/** The SETTINGS that we open a connection with: identifier and value in turn, the protocol's defaults left out. */
export function localSettings(role: Role, limits: Http2Limits): number[] {
  const settings: number[] = [];
  if (role === "client") settings.push(SettingId.ENABLE_PUSH, 0);
  else settings.push(SettingId.MAX_CONCURRENT_STREAMS, limits.maxConcurrentStreams);
  settings.push(SettingId.INITIAL_WINDOW_SIZE, limits.streamWindowBytes);
  if (limits.maxFrameBytes !== 16384) settings.push(SettingId.MAX_FRAME_SIZE, limits.maxFrameBytes);
  settings.push(SettingId.MAX_HEADER_LIST_SIZE, limits.maxHeaderListBytes);
  return settings;
}
