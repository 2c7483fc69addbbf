import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { assert } from "../base/assert.js";
import type { ByteStream, ByteStreamSink, Peer } from "../base/platform.js";
import { localAddressOf } from "./peer-address.js";
import { streamError } from "./system-error.js";
import { WriteBlocks } from "./write-blocks.js";

/**
 * Unsent bytes above which `write` says stop: four of the writer's 64 KiB arenas, so that a busy connection fills
 * whole system calls, and little enough that a peer that does not read holds little memory (CVE-2019-9517).
 *
 * It is measured here and not set as the stream's highWaterMark, which a duplex of the user's own has long chosen.
 */
export const writeLimitBytes = 256 * 1024;

/** `ended`: our direction is. `destroyed`: by us, close is on its way. `closed`: onClose was called. */
type State = "open" | "ended" | "destroyed" | "closed";

/** What a TLS socket knows that is more than a duplex. */
export interface StreamTraits {
  /** What an error of this kind of stream means, in one clause; undefined where it is one of the system. */
  explain(error: Error): string | undefined;
  authorityProblem?(authority: string): string | undefined;
}

/** Where TLS sockets gather what is written to them in several chunks. */
const blocksOfTls = new WriteBlocks();

/** Where a duplex has its DuplexStream: its listeners are the same functions for all, and none is made for one. */
const ownerOf = Symbol("the stream that has taken the duplex over");

interface Owned {
  readonly [ownerOf]: DuplexStream;
}

function onError(this: Owned, error: Error): void {
  this[ownerOf].onError(error);
}

function onDrain(this: Owned): void {
  this[ownerOf].onDrain();
}

function onEnd(this: Owned): void {
  this[ownerOf].onEnd();
}

function onData(this: Owned, chunk: Uint8Array): void {
  this[ownerOf].onData(chunk);
}

function onClose(this: Owned): void {
  this[ownerOf].onClose();
}

/** A ByteStream over any duplex of Node's that carries bytes: a TCP or unix socket, a pipe, a pair in memory. */
class DuplexStream implements ByteStream {
  readonly peer: Peer;
  readonly authorityProblem?: (authority: string) => string | undefined;
  readonly #duplex: Duplex;
  readonly #traits: StreamTraits | undefined;
  readonly #sink: ByteStreamSink;
  #state: State = "open";
  /** Whether the writer was told to stop. Node's own `drain` comes more often: at its smaller mark too. */
  #blocked = false;
  /** What onClose will say. */
  #reason: Error | undefined;

  /** The 'error' listener is there before anybody else sees the stream: without one, an error ends the process. */
  constructor(duplex: Duplex, peer: Peer, open: (stream: ByteStream) => ByteStreamSink, traits?: StreamTraits) {
    this.#duplex = duplex;
    this.#traits = traits;
    this.peer = peer;
    if (traits?.authorityProblem !== undefined) this.authorityProblem = traits.authorityProblem;
    const owned = Object.assign(duplex, { [ownerOf]: this });
    owned.on("error", onError);
    this.#sink = open(this);
    owned.on("drain", onDrain).on("end", onEnd).on("data", onData);
    if (duplex.closed) queueMicrotask(() => this.onClose());
    else owned.on("close", onClose);
  }

  get local(): string | undefined {
    return this.#duplex instanceof Socket ? localAddressOf(this.#duplex) : undefined;
  }

  get pendingBytes(): number {
    return this.#duplex.writableLength;
  }

  /** After `destroy` and after the connection broke, what is written is lost: onClose is on its way. */
  write(chunks: readonly Uint8Array[]): boolean {
    assert(this.#state !== "ended", "nothing is written to a byte stream after its end");
    if (this.#state !== "open") return false;
    const duplex = this.#duplex;
    const gathered = this.#traits === undefined ? undefined : blocksOfTls.gather(chunks);
    if (gathered !== undefined) {
      const { block, byteLength } = gathered;
      duplex.write(block.subarray(0, byteLength), (error) => {
        // Behind an error nobody knows who still holds it.
        if (!error) blocksOfTls.giveBack(block);
      });
    } else {
      // What the far side keeps must not change: the memory serves other connections next.
      const given = duplex instanceof Socket ? chunks : chunks.map((chunk) => Buffer.from(chunk));
      if (given.length > 1) duplex.cork();
      for (const chunk of given) duplex.write(chunk);
      if (given.length > 1) duplex.uncork();
    }
    // Without writableNeedDrain no drain would come: a duplex may have a mark that is higher than ours.
    if (duplex.writableLength < writeLimitBytes || !duplex.writableNeedDrain) return true;
    this.#blocked = true;
    return false;
  }

  end(): void {
    if (this.#state !== "open") return;
    this.#state = "ended";
    this.#duplex.end();
  }

  pause(): void {
    this.#duplex.pause();
  }

  resume(): void {
    this.#duplex.resume();
  }

  destroy(reason?: Error): void {
    if (!this.#isLive()) return;
    this.#state = "destroyed";
    this.#reason = reason;
    this.#duplex.destroy();
  }

  keepAlive(active: boolean): void {
    if (!(this.#duplex instanceof Socket)) return;
    if (active) this.#duplex.ref();
    else this.#duplex.unref();
  }

  // ---- what the duplex says

  onData(chunk: Uint8Array): void {
    if (this.#isLive()) this.#sink.onData(chunk);
  }

  onEnd(): void {
    if (this.#isLive()) this.#sink.onEnd();
  }

  onDrain(): void {
    if (!this.#blocked) return;
    this.#blocked = false;
    if (this.#state === "open") this.#sink.onDrain();
  }

  onError(error: Error): void {
    if (!this.#isLive()) return;
    this.#reason ??= streamError(this.peer.address, error, this.#traits?.explain(error));
    this.#duplex.destroy();
  }

  onClose(): void {
    if (this.#state === "closed") return;
    if (this.#isLive() && this.#reason === undefined && !this.#duplex.readableEnded) {
      this.#reason = streamError(this.peer.address, new Error("it was closed before its end"));
    }
    this.#state = "closed";
    this.#sink.onClose(this.#reason);
  }

  #isLive(): boolean {
    return this.#state === "open" || this.#state === "ended";
  }
}

/**
 * Carries a connection over a duplex of your own: the pipes of a child process, a WebSocket, a pair in memory.
 *
 * A duplex that is none of Node's sockets is given copies, which it and its far side may keep.
 *
 * The stream takes the duplex over: it reads, writes, destroys and listens to it from here on, and no error of it
 * escapes as an 'error' event. `open` is called once, at once, and returns what is to receive the bytes. Throws
 * TypeError when the duplex carries objects or text. Set `allowHalfOpen` on it (the default) if the peer's end is not to
 * end our direction too.
 */
export function byteStreamFromDuplex(
  duplex: Duplex,
  peer: Peer,
  open: (stream: ByteStream) => ByteStreamSink,
): ByteStream {
  if (duplex.readableObjectMode || duplex.writableObjectMode) {
    throw new TypeError("the duplex is in object mode, expected one of bytes");
  }
  if (duplex.readableEncoding !== null) {
    throw new TypeError(`the duplex decodes ${duplex.readableEncoding} text, expected one of bytes`);
  }
  return new DuplexStream(duplex, peer, open);
}

/** The same over a socket whose handshake is done, with what it knows beyond its bytes. */
export function byteStreamFromTls(
  socket: Socket,
  peer: Peer,
  traits: StreamTraits,
  open: (stream: ByteStream) => ByteStreamSink,
): ByteStream {
  return new DuplexStream(socket, peer, open, traits);
}
