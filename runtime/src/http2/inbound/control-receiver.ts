/** The frames that carry neither headers nor data (RFC 9113 §6.3 to §6.9). */
import { connectionError, ErrorCode, errorCodeName, streamError, type Violation } from "../error-code.js";
import { readUint31, readUint32 } from "../frame/frame-fields.js";
import type { FrameReader } from "../frame/frame-reader.js";
import { Flag } from "../frame/frame-type.js";
import type { SessionOutbound } from "../session-outbound.js";
import type { SessionState } from "../session-state.js";
import { maxWindowBytes } from "../stream/flow-window.js";
import type { Outcome } from "./outcome.js";

export interface PongListener {
  /** The answer to a PING came; true when it was the session's own. */
  takePong(payload: Uint8Array): boolean;
}

export class ControlReceiver {
  /** The peer's first SETTINGS have come. */
  settingsReceived = false;
  readonly #state: SessionState;
  readonly #outbound: SessionOutbound;
  readonly #pongs: PongListener;
  /** Highest delta of any stream, an upper bound: what a growing initial window is checked against. */
  #highestDelta = 0;
  /** Lowest last stream that the peer's GOAWAYs named. */
  #goAwayStreamId = Number.POSITIVE_INFINITY;

  constructor(state: SessionState, outbound: SessionOutbound, pongs: PongListener) {
    this.#state = state;
    this.#outbound = outbound;
    this.#pongs = pongs;
  }

  /** RFC 9113 §6.3: validated, otherwise ignored. */
  priority(frame: FrameReader): Outcome {
    const { streamId, length, bytes, start } = frame;
    if (streamId === 0) return connectionError(ErrorCode.PROTOCOL_ERROR, "PRIORITY frame on stream 0");
    if (length !== 5) {
      const message = `PRIORITY frame is ${length} bytes, expected 5`;
      // A stream error needs a stream: on an idle one, RST_STREAM would itself be a violation.
      return this.#state.wasOpened(streamId)
        ? streamError(ErrorCode.FRAME_SIZE_ERROR, message)
        : connectionError(ErrorCode.FRAME_SIZE_ERROR, message);
    }
    if (readUint31(bytes, start) === streamId) {
      return connectionError(ErrorCode.PROTOCOL_ERROR, `stream ${streamId} depends on itself`);
    }
    return this.#state.guard.useless();
  }

  rstStream(frame: FrameReader): Outcome {
    const { streamId, length, bytes, start } = frame;
    if (length !== 4) {
      return connectionError(ErrorCode.FRAME_SIZE_ERROR, `RST_STREAM frame is ${length} bytes, expected 4`);
    }
    if (streamId === 0) return connectionError(ErrorCode.PROTOCOL_ERROR, "RST_STREAM frame on stream 0");
    if (!this.#state.wasOpened(streamId)) {
      return connectionError(ErrorCode.PROTOCOL_ERROR, `RST_STREAM frame on stream ${streamId}, which is idle`);
    }
    const stream = this.#state.streams.get(streamId);
    if (stream === undefined) return this.#state.guard.useless();
    const code = readUint32(bytes, start);
    if (!stream.headersSent && !this.#state.isLocal(streamId)) this.#state.guard.reset(stream.openedAt);
    this.#outbound.discard(stream);
    this.#state.transition(stream, "reset");
    this.#state.recordRemoteReset(streamId);
    const unprocessed = code === ErrorCode.REFUSED_STREAM;
    const message = `the peer reset the stream with ${errorCodeName(code)}`;
    return { type: "reset", streamId, code, initiator: "remote", message, unprocessed };
  }

  settings(frame: FrameReader): Outcome {
    const { streamId, length, flags, bytes, start, end } = frame;
    if (streamId !== 0) return connectionError(ErrorCode.PROTOCOL_ERROR, `SETTINGS frame on stream ${streamId}`);
    if ((flags & Flag.ACK) !== 0) {
      if (length === 0) {
        if (this.#state.areSettingsAcknowledged) return this.#state.guard.useless();
        this.#state.settingsAcknowledged();
        return undefined;
      }
      return connectionError(ErrorCode.FRAME_SIZE_ERROR, `SETTINGS acknowledgement is ${length} bytes, expected 0`);
    }
    const { remote, role, limits, guard } = this.#state;
    const tooMany = guard.settings();
    if (tooMany !== undefined) return tooMany;
    const before = remote.initialWindowBytes;
    const violation = remote.apply(bytes, start, end, role, limits);
    if (violation !== undefined) return violation;
    if (remote.initialWindowBytes > before && this.#windowsOverflow()) {
      return connectionError(
        ErrorCode.FLOW_CONTROL_ERROR,
        `SETTINGS_INITIAL_WINDOW_SIZE of ${remote.initialWindowBytes} takes a stream's window above 2147483647`,
      );
    }
    this.settingsReceived = true;
    this.#outbound.remoteSettingsChanged();
    this.#outbound.settingsAck();
    return { type: "settings" };
  }

  /** RFC 9113 §6.9.2. The bound settles nearly every case; only above it the streams are looked at, and the bound is set right. */
  #windowsOverflow(): boolean {
    const initial = this.#state.remote.initialWindowBytes;
    if (initial + this.#highestDelta <= maxWindowBytes) return false;
    this.#highestDelta = 0;
    for (const stream of this.#state.streams.values()) {
      if (stream.sendDelta > this.#highestDelta) this.#highestDelta = stream.sendDelta;
    }
    return initial + this.#highestDelta > maxWindowBytes;
  }

  ping(frame: FrameReader): Outcome {
    const { streamId, length, flags, bytes, start } = frame;
    if (streamId !== 0) return connectionError(ErrorCode.PROTOCOL_ERROR, `PING frame on stream ${streamId}`);
    if (length !== 8) {
      return connectionError(ErrorCode.FRAME_SIZE_ERROR, `PING frame is ${length} bytes, expected 8`);
    }
    if ((flags & Flag.ACK) === 0) {
      const tooMany = this.#state.guard.ping();
      if (tooMany === undefined) this.#outbound.ping(true, bytes, start);
      return tooMany;
    }
    if (this.#outbound.pingsUnderway === 0) return this.#state.guard.useless();
    this.#outbound.pingsUnderway -= 1;
    const payload = new Uint8Array(8);
    payload.set(bytes.subarray(start, start + 8));
    return this.#pongs.takePong(payload) ? undefined : { type: "pong", payload };
  }

  goAway(frame: FrameReader): Outcome {
    const { streamId, length, bytes, start, end } = frame;
    if (streamId !== 0) return connectionError(ErrorCode.PROTOCOL_ERROR, `GOAWAY frame on stream ${streamId}`);
    if (length < 8) {
      return connectionError(ErrorCode.FRAME_SIZE_ERROR, `GOAWAY frame is ${length} bytes, expected 8 or more`);
    }
    const state = this.#state;
    const lastStreamId = readUint31(bytes, start);
    const code = readUint32(bytes, start + 4);
    const debug = Buffer.from(bytes.subarray(start + 8, Math.min(end, start + 8 + 1024))).toString("utf8");
    state.remoteGoAway = true;
    // A GOAWAY that takes nothing back costs no walk over the streams, however many come.
    if (lastStreamId >= this.#goAwayStreamId) {
      return state.guard.useless() ?? { type: "goAway", lastStreamId, code, debug };
    }
    this.#goAwayStreamId = lastStreamId;
    const why = debug === "" ? "" : `: ${debug}`;
    for (const stream of [...state.streams.values()]) {
      if (!state.isLocal(stream.id) || stream.id <= lastStreamId) continue;
      this.#outbound.discard(stream);
      state.transition(stream, "reset");
      const message = `the peer is going away (${errorCodeName(code)}${why}) and did not process the stream`;
      state.emit({ type: "reset", streamId: stream.id, code, initiator: "remote", message, unprocessed: true });
    }
    return { type: "goAway", lastStreamId, code, debug };
  }

  windowUpdate(frame: FrameReader): Outcome {
    const { streamId, length, bytes, start } = frame;
    if (length !== 4) {
      return connectionError(ErrorCode.FRAME_SIZE_ERROR, `WINDOW_UPDATE frame is ${length} bytes, expected 4`);
    }
    const increment = readUint31(bytes, start);
    const tooMany = this.#state.guard.windowUpdate();
    if (tooMany !== undefined) return tooMany;
    if (streamId === 0) return this.#connectionWindowUpdate(increment);
    if (!this.#state.wasOpened(streamId)) {
      return connectionError(ErrorCode.PROTOCOL_ERROR, `WINDOW_UPDATE frame on stream ${streamId}, which is idle`);
    }
    const stream = this.#state.streams.get(streamId);
    if (stream === undefined) return undefined;
    if (increment === 0) {
      return streamError(ErrorCode.PROTOCOL_ERROR, `WINDOW_UPDATE of stream ${streamId} has an increment of 0`);
    }
    stream.sendDelta += increment;
    if (this.#state.remote.initialWindowBytes + stream.sendDelta > maxWindowBytes) {
      return streamError(
        ErrorCode.FLOW_CONTROL_ERROR,
        `WINDOW_UPDATE takes the window of stream ${streamId} above 2147483647`,
      );
    }
    if (stream.sendDelta > this.#highestDelta) this.#highestDelta = stream.sendDelta;
    this.#outbound.streamWindowGrew(stream);
    return undefined;
  }

  #connectionWindowUpdate(increment: number): Violation | undefined {
    if (increment === 0) {
      return connectionError(ErrorCode.PROTOCOL_ERROR, "WINDOW_UPDATE of the connection has an increment of 0");
    }
    this.#outbound.connectionWindow += increment;
    if (this.#outbound.connectionWindow <= maxWindowBytes) return undefined;
    return connectionError(
      ErrorCode.FLOW_CONTROL_ERROR,
      "WINDOW_UPDATE takes the connection's window above 2147483647",
    );
  }
}
