/** Joins HEADERS and CONTINUATION into one block for the HPACK decoder (RFC 9113 §4.3, §6.2, §6.10). */
import { connectionError, ErrorCode, type Violation } from "../error-code.js";
import type { FrameReader } from "../frame/frame-reader.js";
import { Flag, FrameType, frameTypeName } from "../frame/frame-type.js";
import type { Http2Limits } from "../limits.js";

const empty = new Uint8Array(0);

export class HeaderAssembler {
  /** The block, once complete: bytes[start, end). */
  bytes: Uint8Array = empty;
  start = 0;
  end = 0;
  streamId = 0;
  endStream = false;

  readonly #limits: Http2Limits;
  #fragments: Uint8Array[] = [];
  #size = 0;
  #continuations = 0;
  #expecting = false;

  constructor(limits: Http2Limits) {
    this.#limits = limits;
  }

  /** Whether only a CONTINUATION of `streamId` may come next. */
  get expecting(): boolean {
    return this.#expecting;
  }

  /** Takes a HEADERS frame. True when the block is complete, false when CONTINUATION follows. */
  headers(frame: FrameReader): boolean | Violation {
    const { flags, bytes } = frame;
    const padded = (flags & Flag.PADDED) !== 0;
    // Priorities are deprecated (RFC 9113 §5.3.2); only the one check that remains is made, by the session.
    const start = frame.start + (padded ? 1 : 0) + ((flags & Flag.PRIORITY) !== 0 ? 5 : 0);
    if (start > frame.end) return tooShort(frame, ErrorCode.FRAME_SIZE_ERROR);
    const end = frame.end - (padded ? (bytes[frame.start] as number) : 0);
    if (start > end) return tooShort(frame, ErrorCode.PROTOCOL_ERROR);
    this.streamId = frame.streamId;
    this.endStream = (flags & Flag.END_STREAM) !== 0;
    if ((flags & Flag.END_HEADERS) !== 0) {
      this.bytes = bytes;
      this.start = start;
      this.end = end;
      return true;
    }
    this.#expecting = true;
    this.#continuations = 0;
    this.#size = 0;
    this.#fragments = [];
    return this.#add(bytes, start, end) ?? false;
  }

  /** Takes a CONTINUATION frame. True when the block is complete. */
  continuation(frame: FrameReader): boolean | Violation {
    if (!this.#expecting || frame.streamId !== this.streamId) {
      return connectionError(
        ErrorCode.PROTOCOL_ERROR,
        `CONTINUATION of stream ${frame.streamId} does not follow a HEADERS frame of that stream`,
      );
    }
    const last = (frame.flags & Flag.END_HEADERS) !== 0;
    this.#continuations += 1;
    if (this.#continuations > this.#limits.maxContinuationFrames) {
      return connectionError(
        ErrorCode.ENHANCE_YOUR_CALM,
        `header block has more than ${this.#limits.maxContinuationFrames} CONTINUATION frames`,
      );
    }
    if (!last && frame.length === 0) {
      return connectionError(ErrorCode.ENHANCE_YOUR_CALM, "CONTINUATION frame is empty and not the last one");
    }
    const violation = this.#add(frame.bytes, frame.start, frame.end);
    if (violation !== undefined) return violation;
    if (!last) return false;
    this.#expecting = false;
    this.bytes = Buffer.concat(this.#fragments, this.#size);
    this.#fragments = [];
    this.start = 0;
    this.end = this.#size;
    return true;
  }

  /** What a frame of any other type means while a header block is open (RFC 9113 §6.10). */
  interruption(type: number): Violation {
    return connectionError(
      ErrorCode.PROTOCOL_ERROR,
      `${frameTypeName(type)} frame came amid the header block of stream ${this.streamId}, expected ${frameTypeName(FrameType.CONTINUATION)}`,
    );
  }

  /** Twice the list limit: HPACK makes a block smaller than its list, never larger by more than a little. */
  #add(bytes: Uint8Array, start: number, end: number): Violation | undefined {
    this.#size += end - start;
    const limit = 2 * this.#limits.maxHeaderListBytes;
    if (this.#size > limit) {
      return connectionError(ErrorCode.ENHANCE_YOUR_CALM, `header block is ${this.#size} bytes so far, limit ${limit}`);
    }
    // A copy: a block that trickles in must not hold on to every chunk that carried a piece of it.
    this.#fragments.push(Uint8Array.prototype.slice.call(bytes, start, end));
    return undefined;
  }
}

/** RFC 9113 §6.2: a field that is not there is an error of the size, padding over the end one of the protocol. */
function tooShort(frame: FrameReader, code: ErrorCode): Violation {
  return connectionError(code, `HEADERS frame is ${frame.length} bytes, too short for its padding and priority`);
}
