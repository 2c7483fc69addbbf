/** Output of a session, read as its peer would: anything that RFC 9113 does not allow is thrown. */
import assert from "node:assert/strict";
import { HpackDecoder } from "../../../../src/hpack/decoder.js";
import { clientPreface, frameType } from "../../../support/frames.js";
import { add, type FedFrames, type PeerSettings } from "./fed-frames.js";

/** What was sent on one stream. */
interface SentStream {
  headers: number;
  dataBytes: number;
  isEnded: boolean;
  isReset: boolean;
}

export class SentFrames {
  settingsAcks = 0;
  pingAcks = 0;
  goAways = 0;
  /** What WINDOW_UPDATE frames gave back to the connection, and to each stream. */
  increments = 0;
  readonly streamIncrements = new Map<number, number>();
  readonly streams = new Map<number, SentStream>();

  readonly #role: "client" | "server";
  readonly #fed: FedFrames;
  readonly #decoder = new HpackDecoder({ maxTableSize: 4096, maxListBytes: 1 << 20, maxFields: 1000 });
  #frames = 0;
  #dataBytes = 0;
  #prefaceSeen: boolean;
  /** The header block that a CONTINUATION goes on with. */
  #openBlock: { readonly streamId: number; readonly endStream: boolean; readonly fragments: Buffer[] } | undefined;
  /** A connection error was told. Of SETTINGS that led to it a part may be in force, and nothing acknowledges it. */
  #hasFailed = false;
  #lastGoAway = Number.POSITIVE_INFINITY;

  constructor(role: "client" | "server", fed: FedFrames) {
    this.#role = role;
    this.#fed = fed;
    this.#prefaceSeen = role === "server";
  }

  /** Reads what one takeOutput gave: whole frames. */
  read(chunks: readonly Uint8Array[]): void {
    if (chunks.length === 0) return;
    const bytes = chunks.length === 1 ? asBuffer(chunks[0] as Uint8Array) : Buffer.concat(chunks);
    let at = 0;
    if (!this.#prefaceSeen) {
      this.#prefaceSeen = true;
      assert.ok(clientPreface.equals(bytes.subarray(0, 24)), "a client begins with the preface");
      at = 24;
    }
    while (at < bytes.length) {
      assert.ok(at + 9 <= bytes.length, "output ends amid a frame's header");
      const end = at + 9 + bytes.readUIntBE(at, 3);
      assert.ok(end <= bytes.length, "output ends amid a frame");
      this.#frame(bytes, at, end);
      at = end;
    }
  }

  /** What follows an acknowledgement obeys the settings that it acknowledges, what precedes it those before. */
  get #settings(): PeerSettings {
    return this.#fed.settings[this.settingsAcks] as PeerSettings;
  }

  #frame(bytes: Buffer, at: number, end: number): void {
    const type = bytes[at + 3] as number;
    const flags = bytes[at + 4] as number;
    const streamId = bytes.readUInt32BE(at + 5);
    const start = at + 9;
    const length = end - start;
    const { maxFrameBytes } = this.#settings;
    assert.ok(length <= maxFrameBytes || this.#hasFailed, `a frame has ${length} bytes, limit ${maxFrameBytes}`);
    assert.ok(streamId <= 0x7fffffff);
    if (this.#frames++ === 0) assert.ok(type === frameType.SETTINGS && (flags & 1) === 0, "SETTINGS come first");
    assert.equal(this.#openBlock !== undefined, type === frameType.CONTINUATION, "nothing cuts a header block");
    const isOfStream = type <= frameType.RST_STREAM || type === frameType.CONTINUATION;
    if (type !== frameType.WINDOW_UPDATE) assert.equal(streamId !== 0, isOfStream, `type ${type} on ${streamId}`);
    switch (type) {
      case frameType.DATA:
        this.#data(streamId, flags, length);
        break;
      case frameType.HEADERS:
      case frameType.CONTINUATION:
        this.#headers(streamId, type, flags, bytes.subarray(start, end));
        break;
      case frameType.RST_STREAM:
        assert.equal(length, 4);
        this.#streamOf(streamId).isReset = true;
        break;
      case frameType.SETTINGS:
        assert.ok(length % 6 === 0 && ((flags & 1) === 0 || length === 0));
        this.settingsAcks += flags & 1;
        break;
      case frameType.PING:
        assert.equal(length, 8);
        this.pingAcks += flags & 1;
        break;
      case frameType.GOAWAY:
        this.#goAway(bytes.readUInt32BE(start), length);
        this.#hasFailed ||= bytes.readUInt32BE(start + 4) !== 0;
        break;
      case frameType.WINDOW_UPDATE:
        assert.equal(length, 4);
        this.#windowUpdate(streamId, bytes.readUInt32BE(start));
        break;
      default:
        assert.fail(`a frame of type ${type} was sent`);
    }
  }

  #data(id: number, flags: number, length: number): void {
    const stream = this.#open(id);
    assert.ok(stream.headers > 0, `DATA before HEADERS on stream ${id}`);
    stream.dataBytes += length;
    this.#dataBytes += length;
    const { increments, streamIncrements } = this.#fed;
    assert.ok(this.#dataBytes <= 65535 + increments, "DATA within the connection's window");
    const window = this.#settings.initialWindow + (streamIncrements.get(id) ?? 0);
    const isMeant = length > 0 && !this.#hasFailed;
    assert.ok(!isMeant || stream.dataBytes <= window, `DATA within the window of stream ${id}`);
    if ((flags & 1) !== 0) stream.isEnded = true;
  }

  #headers(id: number, type: number, flags: number, fragment: Buffer): void {
    if (type === frameType.HEADERS) {
      if (this.#role === "client") assert.equal(id & 1, 1);
      const endStream = (flags & 1) !== 0;
      const stream = this.#open(id);
      stream.headers += 1;
      assert.ok(stream.headers === 1 || endStream, "only trailers follow");
      this.#openBlock = { streamId: id, endStream, fragments: [] };
    }
    const block = this.#openBlock;
    assert.ok(block !== undefined && block.streamId === id);
    block.fragments.push(fragment);
    if ((flags & 4) === 0) return;
    this.#openBlock = undefined;
    const { fragments } = block;
    const whole = fragments.length === 1 ? fragment : Buffer.concat(fragments);
    const result = this.#decoder.decode(whole, 0, whole.length);
    assert.equal(result.kind, "ok", "message" in result ? result.message : undefined);
    if (block.endStream) this.#streamOf(id).isEnded = true;
  }

  #goAway(lastStreamId: number, length: number): void {
    assert.ok(length >= 8 && length <= 8 + 1024);
    assert.ok(lastStreamId <= this.#lastGoAway, "GOAWAY takes nothing back that it said");
    this.#lastGoAway = lastStreamId;
    this.goAways += 1;
  }

  #windowUpdate(id: number, increment: number): void {
    assert.ok(increment >= 1 && increment <= 0x7fffffff, `an increment of ${increment}`);
    if (id === 0) this.increments += increment;
    else add(this.streamIncrements, id, increment);
  }

  /** A stream on which DATA and HEADERS may be sent. */
  #open(id: number): SentStream {
    const stream = this.#streamOf(id);
    assert.ok(!stream.isEnded && !stream.isReset, `stream ${id} has ended, and more is sent on it`);
    return stream;
  }

  #streamOf(id: number): SentStream {
    let stream = this.streams.get(id);
    if (stream === undefined) {
      stream = { headers: 0, dataBytes: 0, isEnded: false, isReset: false };
      this.streams.set(id, stream);
    }
    return stream;
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
