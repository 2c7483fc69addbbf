import assert from "node:assert/strict";
import type { ByteStream, ByteStreamSink, Millis, Peer, Timer } from "../../src/base/platform.js";
import { streamError } from "../../src/net/system-error.js";

/** What a link needs of the virtual world. */
export interface FakeWorld {
  now(): Millis;
  setTimer(at: Millis, fn: () => void): Timer;
  scheduleTurn(fn: () => void): void;
}

export interface FakeLinkOptions {
  /** One way. 0 (the default): the other end has the bytes in the next turn. */
  latencyMs?: Millis;
  /** The largest chunk that a receiver is given. Default: as written, up to 64 KiB. */
  chunkBytes?: number;
  /** Unsent bytes from which write returns false. Default 256 KiB. */
  writeLimitBytes?: number;
  /** What is on its way or unread at the other end, at most. Default 1 MiB. */
  receiveBufferBytes?: number;
}

/** How an end of a link is told that the other one has gone: `end` is a FIN, `reset` a RST. */
type Item = Uint8Array | "end" | "reset";

/** Two byte streams that lead to each other, and the hands to disturb them. */
export class FakeLink {
  readonly client: FakeStream;
  readonly server: FakeStream;
  readonly world: FakeWorld;
  readonly options: Required<FakeLinkOptions>;
  #frozen = false;

  constructor(world: FakeWorld, clientPeer: Peer, serverPeer: Peer, options: FakeLinkOptions) {
    this.world = world;
    this.options = {
      latencyMs: options.latencyMs ?? 0,
      chunkBytes: options.chunkBytes ?? 64 * 1024,
      writeLimitBytes: options.writeLimitBytes ?? 256 * 1024,
      receiveBufferBytes: options.receiveBufferBytes ?? 1024 * 1024,
    };
    this.client = new FakeStream(this, clientPeer);
    this.server = new FakeStream(this, serverPeer);
    this.client.join(this.server);
    this.server.join(this.client);
  }

  get isOpen(): boolean {
    return !this.client.isClosed || !this.server.isClosed;
  }

  get isFrozen(): boolean {
    return this.#frozen;
  }

  /** From here on nothing gets through in either direction, and nobody is told: a pulled cable. */
  freeze(): void {
    this.#frozen = true;
  }

  thaw(): void {
    this.#frozen = false;
    this.client.wake();
    this.server.wake();
  }

  /** Both ends hear that the connection was reset; what was on its way is lost. */
  cut(): void {
    this.client.reset();
    this.server.reset();
  }
}

/**
 * One end of a link. A chunk that was written is read only when it is carried over, a turn later: a writer that changes
 * it before `pendingBytes` is 0 corrupts what the peer gets, as it would with a socket.
 */
export class FakeStream implements ByteStream {
  readonly peer: Peer;
  /** As last set by keepAlive. */
  held = true;
  readonly #link: FakeLink;
  #other: FakeStream | undefined;
  #sink: ByteStreamSink | undefined;
  #state: "open" | "ended" | "destroyed" | "closed" = "open";
  #outgoing: Item[] = [];
  #pendingBytes = 0;
  #blocked = false;
  #carryScheduled = false;
  #incoming: Item[] = [];
  #deliveryScheduled = false;
  /** What the other end may not send more of: on its way to us, or here and unread. */
  #unreadBytes = 0;
  #paused = false;
  #peerEnded = false;
  #endCarried = false;

  constructor(link: FakeLink, peer: Peer) {
    this.#link = link;
    this.peer = peer;
  }

  join(other: FakeStream): void {
    this.#other = other;
  }

  attach(sink: ByteStreamSink): void {
    this.#sink = sink;
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  get isClosed(): boolean {
    return this.#state === "closed";
  }

  write(chunks: readonly Uint8Array[]): boolean {
    assert.notEqual(this.#state, "ended", "written after the end");
    if (this.#state !== "open") return false;
    for (const chunk of chunks) {
      this.#outgoing.push(chunk);
      this.#pendingBytes += chunk.byteLength;
    }
    this.#scheduleCarry();
    this.#blocked = this.#pendingBytes >= this.#link.options.writeLimitBytes;
    return !this.#blocked;
  }

  end(): void {
    if (this.#state !== "open") return;
    this.#state = "ended";
    this.#outgoing.push("end");
    this.#scheduleCarry();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#scheduleDelivery();
  }

  /** As TCP does: what is unsent is lost, and the peer gets our end, or a reset if we had not read all that came. */
  destroy(reason?: Error): void {
    if (!this.#isLive()) return;
    this.#state = "destroyed";
    this.#outgoing = [];
    if (this.#unreadBytes > 0) this.#outgoing.push("reset");
    else if (!this.#endCarried) this.#outgoing.push("end");
    this.#pendingBytes = 0;
    this.#incoming = [];
    this.#scheduleCarry();
    this.#link.world.scheduleTurn(() => this.#close(reason));
  }

  keepAlive(active: boolean): void {
    this.held = active;
  }

  /** The connection broke under this end. */
  reset(): void {
    if (!this.#isLive()) return;
    this.#state = "destroyed";
    this.#outgoing = [];
    this.#pendingBytes = 0;
    this.#incoming = [];
    this.#link.world.scheduleTurn(() => this.#close(this.#resetError()));
  }

  /** Goes on after a thaw. */
  wake(): void {
    this.#scheduleCarry();
    this.#scheduleDelivery();
  }

  #isLive(): boolean {
    return this.#state === "open" || this.#state === "ended";
  }

  #resetError(): Error {
    return streamError(this.peer.address, Object.assign(new Error("reset"), { code: "ECONNRESET" }));
  }

  #scheduleCarry(): void {
    if (this.#carryScheduled || this.#outgoing.length === 0) return;
    this.#carryScheduled = true;
    this.#link.world.scheduleTurn(() => {
      this.#carryScheduled = false;
      this.#carry();
    });
  }

  /** Moves what the other end has room for onto the wire. */
  #carry(): void {
    const other = this.#other as FakeStream;
    if (this.#link.isFrozen) return;
    const items: Item[] = [];
    while (this.#outgoing.length > 0) {
      const item = this.#outgoing[0] as Item;
      if (typeof item !== "string" && !this.#carryChunk(item, other, items)) break;
      if (item === "end") this.#endCarried = true;
      if (typeof item === "string") items.push(item);
      this.#outgoing.shift();
    }
    if (items.length > 0) this.#send(items, other);
    if (this.#blocked && this.#pendingBytes === 0) {
      this.#blocked = false;
      if (this.#state === "open") this.#sink?.onDrain();
    }
    this.#closeIfBothEnded();
  }

  /** Copies as much of a chunk as the other end has room for, in pieces. Whether all of it went. */
  #carryChunk(chunk: Uint8Array, other: FakeStream, items: Item[]): boolean {
    const room = this.#link.options.receiveBufferBytes - other.#unreadBytes;
    const taken = Math.min(room, chunk.byteLength);
    for (let at = 0; at < taken; at += this.#link.options.chunkBytes) {
      items.push(Buffer.from(chunk.subarray(at, Math.min(at + this.#link.options.chunkBytes, taken))));
    }
    other.#unreadBytes += taken;
    this.#pendingBytes -= taken;
    this.#outgoing[0] = chunk.subarray(taken);
    return taken === chunk.byteLength;
  }

  #send(items: Item[], other: FakeStream): void {
    const { latencyMs } = this.#link.options;
    if (latencyMs === 0) other.#arrive(items);
    else this.#link.world.setTimer(this.#link.world.now() + latencyMs, () => other.#arrive(items));
  }

  #arrive(items: Item[]): void {
    if (!this.#isLive()) {
      // What reaches a socket that is gone is answered with a reset.
      if (items.some((item) => typeof item !== "string")) this.#send(["reset"], this.#other as FakeStream);
      return;
    }
    for (const item of items) this.#incoming.push(item);
    this.#deliver();
  }

  #scheduleDelivery(): void {
    if (this.#deliveryScheduled || this.#incoming.length === 0) return;
    this.#deliveryScheduled = true;
    this.#link.world.scheduleTurn(() => {
      this.#deliveryScheduled = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    const other = this.#other as FakeStream;
    while (!this.#paused && !this.#link.isFrozen && this.#isLive()) {
      const item = this.#incoming.shift();
      if (item === undefined) break;
      if (item === "reset") {
        this.reset();
      } else if (item === "end") {
        this.#peerEnded = true;
        this.#sink?.onEnd();
      } else {
        this.#unreadBytes -= item.byteLength;
        this.#sink?.onData(item);
      }
    }
    other.#scheduleCarry();
    this.#closeIfBothEnded();
  }

  #closeIfBothEnded(): void {
    if (this.#state !== "ended" || !this.#endCarried || !this.#peerEnded) return;
    this.#state = "destroyed";
    this.#link.world.scheduleTurn(() => this.#close());
  }

  #close(error?: Error): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#sink?.onClose(error);
  }
}
