/** HEADERS and CONTINUATION: requests, responses and trailers (RFC 9113 §6.2, §8). */
import type { HpackDecoder } from "../../hpack/decoder.js";
import type { HeaderBlock } from "../../hpack/header-block.js";
import { HeaderAssembler } from "../connection/header-assembler.js";
import { HeaderChecker } from "../connection/header-checker.js";
import { checkRequest, checkResponse, checkTrailers } from "../connection/header-validator.js";
import { connectionError, ErrorCode, streamError, type Violation } from "../error-code.js";
import { readUint31 } from "../frame/frame-fields.js";
import type { FrameReader } from "../frame/frame-reader.js";
import { Flag, FrameType } from "../frame/frame-type.js";
import type { StreamId } from "../session-event.js";
import type { SessionOutbound } from "../session-outbound.js";
import type { SessionState } from "../session-state.js";
import type { Http2Stream } from "../stream/http2-stream.js";
import { mayReceive } from "../stream/stream-state.js";
import { contentMismatch, type Outcome, unexpectedFrame } from "./outcome.js";

/** Blocks below this are taken at their upper bound. */
const smallBlockBytes = 1024;

export class HeaderReceiver {
  readonly #state: SessionState;
  readonly #outbound: SessionOutbound;
  readonly #reader: FrameReader;
  readonly #assembler: HeaderAssembler;
  readonly #decoder: HpackDecoder;
  /** Requests for a server, responses for a client. */
  readonly #first: HeaderChecker;
  readonly #trailers = new HeaderChecker(checkTrailers);

  constructor(state: SessionState, outbound: SessionOutbound, reader: FrameReader, decoder: HpackDecoder) {
    this.#state = state;
    this.#outbound = outbound;
    this.#reader = reader;
    this.#first = new HeaderChecker(state.role === "server" ? checkRequest : checkResponse);
    this.#assembler = new HeaderAssembler(state.limits);
    this.#decoder = decoder;
  }

  /** Whether only a CONTINUATION may come next. */
  get expectsContinuation(): boolean {
    return this.#assembler.expecting;
  }

  /** What a frame of another type means while a CONTINUATION is expected. */
  interruption(): Violation {
    return this.#assembler.interruption(this.#reader.type);
  }

  continuation(): Outcome {
    this.#state.counters.continuations += 1;
    return this.#block(this.#assembler.continuation(this.#reader));
  }

  headers(): Outcome {
    const { streamId, flags, length, bytes, start } = this.#reader;
    if (streamId === 0) return connectionError(ErrorCode.PROTOCOL_ERROR, "HEADERS frame on stream 0");
    const complete = this.#assembler.headers(this.#reader);
    if ((flags & Flag.PRIORITY) !== 0 && typeof complete === "boolean") {
      const dependency = start + ((flags & Flag.PADDED) !== 0 ? 1 : 0);
      if (length >= 5 && readUint31(bytes, dependency) === streamId) {
        return connectionError(ErrorCode.PROTOCOL_ERROR, `stream ${streamId} depends on itself`);
      }
    }
    return this.#block(complete);
  }

  /** A header block is complete, incomplete, or wrong. */
  #block(complete: boolean | Violation): Outcome {
    if (complete === false) return undefined;
    if (complete !== true) return complete;
    const { bytes, start, end, streamId, endStream } = this.#assembler;
    const decoded = this.#decoder.decode(bytes, start, end);
    if (decoded.kind === "error") return connectionError(ErrorCode.COMPRESSION_ERROR, decoded.message);
    if (decoded.kind === "tooLarge") this.#state.counters.headerListsTooLarge += 1;
    this.#state.guard.traffic();
    const known = this.#state.streams.get(streamId);
    if (known === undefined) {
      if (this.#state.role === "client" || this.#state.isLocal(streamId) || this.#state.wasOpened(streamId)) {
        return unexpectedFrame(this.#state, FrameType.HEADERS, streamId) ?? this.#state.guard.behindReset();
      }
      if (decoded.kind === "tooLarge") return this.#newStream(streamId, undefined, endStream);
      return this.#newStream(streamId, decoded.block, endStream);
    }
    if (!mayReceive(known.state) || !this.#state.wasOpened(streamId))
      return unexpectedFrame(this.#state, FrameType.HEADERS, streamId);
    if (decoded.kind === "tooLarge") return streamError(ErrorCode.ENHANCE_YOUR_CALM, decoded.message);
    return this.#moreHeaders(known, decoded.block, endStream);
  }

  /** A request opens a stream. `headers` are undefined when the list was too large to keep. */
  #newStream(id: StreamId, headers: HeaderBlock | undefined, endStream: boolean): Outcome {
    const state = this.#state;
    state.advanceRemote(id);
    state.counters.streamsOpened += 1;
    const tooMany = state.guard.opened();
    if (tooMany !== undefined) return tooMany;
    // RFC 9113 §6.8: above the last stream that we announced, nothing is processed; the HPACK state has been kept.
    if (state.isIgnored(id)) return undefined;
    if (headers === undefined) return this.#refuse(id, ErrorCode.ENHANCE_YOUR_CALM);
    if (state.remoteStreams >= state.limits.maxConcurrentStreams) return this.#refuseForConcurrency(id);
    const problem = this.#first.check(headers);
    const contentLeft = this.#first.contentLength;
    if (problem !== undefined || contentLeft === undefined || (endStream && contentLeft > 0)) {
      return this.#refuse(id, ErrorCode.PROTOCOL_ERROR);
    }
    const headerBytes = this.#retainedBytes(headers);
    if (state.retainedHeaderBytes + headerBytes > state.limits.maxRetainedHeaderBytes) {
      state.counters.headersRefused += 1;
      this.#outbound.refuse(id, ErrorCode.REFUSED_STREAM);
      return undefined;
    }
    const stream = state.open(id);
    stream.headersReceived = true;
    stream.contentLeft = contentLeft;
    stream.headerBytes = headerBytes;
    state.retainedHeaderBytes += headerBytes;
    if (endStream) state.transition(stream, "receiveEndStream");
    return { type: "headers", streamId: id, headers, endStream };
  }

  /** What the peer did wrong costs it the stream, and in the long run the connection. */
  #refuse(id: StreamId, code: number): Violation | undefined {
    const tooMany = this.#state.guard.provoked();
    if (tooMany === undefined) this.#outbound.refuse(id, code);
    return tooMany;
  }

  /** Before it has acknowledged our SETTINGS the peer could not know. */
  #refuseForConcurrency(id: StreamId): Violation | undefined {
    this.#state.counters.streamsRefused += 1;
    if (this.#state.areSettingsAcknowledged) return this.#refuse(id, ErrorCode.REFUSED_STREAM);
    this.#outbound.refuse(id, ErrorCode.REFUSED_STREAM);
    return undefined;
  }

  /** Memory that a list keeps of its own. A literal is at most twice its octets (Huffman); what is indexed is shared. */
  #retainedBytes(headers: HeaderBlock): number {
    const octets = 2 * (this.#assembler.end - this.#assembler.start);
    const literals = octets <= smallBlockBytes ? octets : Math.min(octets, headers.listBytes);
    return literals + 8 * headers.fields.length;
  }

  /** A response, or trailers of either side. */
  #moreHeaders(stream: Http2Stream, headers: HeaderBlock, endStream: boolean): Outcome {
    const trailers = stream.headersReceived;
    const problem = trailers ? this.#trailers.check(headers) : this.#first.check(headers);
    if (problem !== undefined) return malformed(problem);
    if (trailers) {
      if (!endStream) return malformed("trailers come without END_STREAM");
      if (stream.contentLeft > 0) return malformed(contentMismatch);
    } else if (headers.get(":status")?.charCodeAt(0) === 0x31) {
      if (endStream) return malformed("a 1xx response ends its stream");
      stream.informational += 1;
      const limit = this.#state.limits.maxInformationalResponses;
      return stream.informational > limit ? malformed(`more than ${limit} 1xx responses`) : undefined;
    } else {
      const { contentLength } = this.#first;
      if (contentLength === undefined || (endStream && contentLength > 0)) {
        return malformed("content-length is not a number, is contradictory, or does not match");
      }
      stream.contentLeft = contentLength;
      stream.headersReceived = true;
    }
    if (endStream) this.#state.transition(stream, "receiveEndStream");
    return { type: "headers", streamId: stream.id, headers, endStream };
  }
}

function malformed(message: string): Violation {
  return streamError(ErrorCode.PROTOCOL_ERROR, message);
}
