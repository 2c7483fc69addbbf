import type { Http2Limits } from "../../../../src/http2/limits.js";

export interface PeerSettings {
  readonly initialWindow: number;
  readonly maxFrameBytes: number;
}

/** What the bytes say that a session was fed, read by hand: what it may send, and what it owes. */
export class FedFrames {
  /** Bytes of DATA frames, padding included, on any stream; and on each. */
  dataBytes = 0;
  readonly streamDataBytes = new Map<number, number>();
  /** What WINDOW_UPDATE frames gave the connection, and each stream. */
  increments = 0;
  readonly streamIncrements = new Map<number, number>();
  /** What holds from the acknowledgement of each SETTINGS frame on; the first, before any. */
  readonly settings: PeerSettings[] = [{ initialWindow: 65535, maxFrameBytes: 16384 }];
  pings = 0;
  /** Which limit the bytes pass, if any: a session that has read them has closed. */
  excess: string | undefined;
  /** Whether the bytes end with the last byte of a frame. */
  atBoundary = false;
  readonly #limits: Http2Limits;
  #at: number;
  /** Of the header block that was begun last. */
  #continuations = 0;

  constructor(
    readonly bytes: Buffer,
    start: number,
    limits: Http2Limits,
  ) {
    this.#at = start;
    this.#limits = limits;
  }

  /** Reads what has been fed, up to `end`. */
  advance(end: number): void {
    while (end - this.#at >= 9) {
      const length = this.bytes.readUIntBE(this.#at, 3);
      if (end - this.#at < 9 + length) break;
      this.#frame(this.#at, length);
      this.#at += 9 + length;
    }
    this.atBoundary = this.#at === end;
  }

  #frame(at: number, length: number): void {
    const { bytes } = this;
    if (length > this.#limits.maxFrameBytes) this.excess ??= `a frame of ${length} bytes`;
    const flags = bytes[at + 4] as number;
    const streamId = bytes.readUInt32BE(at + 5) & 0x7fffffff;
    switch (bytes[at + 3]) {
      case 0:
        this.dataBytes += length;
        add(this.streamDataBytes, streamId, length);
        break;
      case 1:
        this.#continuations = 0;
        break;
      case 4:
        if ((flags & 1) === 0) this.#settings(at + 9, at + 9 + length);
        break;
      case 6:
        if ((flags & 1) === 0) this.pings += 1;
        break;
      case 8:
        if (length === 4) this.#windowUpdate(streamId, bytes.readUInt32BE(at + 9) & 0x7fffffff);
        break;
      case 9:
        this.#continuations += 1;
        if (this.#continuations > this.#limits.maxContinuationFrames) this.excess ??= "too many CONTINUATION frames";
        break;
      default:
    }
  }

  #settings(start: number, end: number): void {
    let { initialWindow, maxFrameBytes } = this.settings.at(-1) as PeerSettings;
    if ((end - start) / 6 > this.#limits.maxSettingsEntries) this.excess ??= "too many entries of SETTINGS";
    for (let at = start; at + 6 <= end; at += 6) {
      const value = this.bytes.readUInt32BE(at + 2);
      if (this.bytes[at + 1] === 4) initialWindow = value;
      if (this.bytes[at + 1] === 5) maxFrameBytes = value;
    }
    this.settings.push({ initialWindow, maxFrameBytes });
  }

  #windowUpdate(streamId: number, increment: number): void {
    if (streamId === 0) this.increments += increment;
    else add(this.streamIncrements, streamId, increment);
  }
}

export function add(sums: Map<number, number>, key: number, value: number): void {
  sums.set(key, (sums.get(key) ?? 0) + value);
}
