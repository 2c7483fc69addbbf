import type { ByteStream, ByteStreamSink, Peer } from "../../../src/base/platform.js";
import { streamError } from "../../../src/net/system-error.js";
import type { SeededRandom } from "../../hpack/random.js";
import type { SimProcess } from "../world/sim-process.js";
import type { World } from "../world/world.js";
import type { LinkProfile } from "./link-profile.js";
import { Pipe, type PipeItem } from "./pipe.js";

/** Who looks at the bytes of one end, before anybody else does. */
export interface StreamTap {
  onWritten(bytes: Buffer): void;
  /** Called before the reader gets them. */
  onDelivered(bytes: number): void;
  /** The reader has returned. */
  onRead(): void;
  /** It ends its direction although the other end has not. */
  onEnding(): void;
  onClosed(): void;
}

type State = "open" | "ended" | "destroyed" | "closed";

/** What one read gives at most. */
const readBytes = 64 * 1024;

/** One end of a connection, with the manners of net/duplex-stream over a socket. */
export class SimStream implements ByteStream {
  readonly peer: Peer;
  readonly process: SimProcess;
  tap: StreamTap | undefined;
  /** Our direction, to the other end. */
  readonly out: Pipe;
  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #profile: LinkProfile;
  #other: SimStream | undefined;
  #sink: ByteStreamSink | undefined;
  #state: State = "open";
  #blocked = false;
  #inbox: PipeItem[] = [];
  #inboxBytes = 0;
  #isReadScheduled = false;
  #paused = false;
  /** Turns that its process had had when it was last told to go on, or to tell more. */
  #heldUntilTurn = -1;
  #peerEnded = false;
  #endSent = false;

  constructor(process: SimProcess, peer: Peer, random: SeededRandom, profile: LinkProfile, onFailure: () => void) {
    this.process = process;
    this.peer = peer;
    this.#world = process.world;
    this.#random = random;
    this.#profile = profile;
    this.out = new Pipe(process.world, random, profile, {
      onArrival: (item) => this.#other?.arrive(item),
      onFlushed: () => this.#onFlushed(),
      onNoReader: () => {
        if (this.#other?.isLive === false) this.reset();
      },
      onEndSent: () => {
        this.#endSent = true;
        this.#closeIfBothEnded();
      },
      onFailure,
    });
  }

  join(other: SimStream): void {
    this.#other = other;
  }

  attach(sink: ByteStreamSink): void {
    this.#sink = sink;
    this.#scheduleRead();
  }

  get isClosed(): boolean {
    return this.#state === "closed";
  }

  /** Whether it has not ended its direction. */
  get mayWrite(): boolean {
    return this.#state === "open";
  }

  /** Whether it asked to be told nothing for now. */
  get isPaused(): boolean {
    return this.#paused;
  }

  /** Whether its process has had no turn since it could not write, or asked to be told nothing. */
  get isHeldUp(): boolean {
    return this.#blocked || this.#paused || this.process.turnsRun <= this.#heldUntilTurn;
  }

  get isLive(): boolean {
    return this.#state === "open" || this.#state === "ended";
  }

  // ---- ByteStream

  get pendingBytes(): number {
    return this.out.pendingBytes;
  }

  write(chunks: readonly Uint8Array[]): boolean {
    if (this.#state === "ended") this.#world.violate("byte-stream", "something was written after the end");
    if (this.#blocked) this.#world.violate("byte-stream", "something was written before onDrain");
    if (this.#state !== "open") return false;
    for (const chunk of chunks) {
      const copy = ownCopy([chunk], chunk.length);
      this.tap?.onWritten(copy);
      this.out.write(chunk, copy);
    }
    this.out.flush();
    // What waits is told later that it may go on, and never from within write.
    this.#blocked = this.out.pendingBytes >= this.#profile.writeLimitBytes;
    return !this.#blocked;
  }

  end(): void {
    if (this.#state !== "open") return;
    this.#state = "ended";
    if (!this.#peerEnded) this.tap?.onEnding();
    this.out.end();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#heldUntilTurn = this.process.turnsRun;
    this.#scheduleRead();
  }

  /** What is unsent is lost. The peer gets our end, or a reset if we had not read all that came. */
  destroy(reason?: Error): void {
    // A connection that is given up for a reason of the product's own has a plain Error; anything else is a bug.
    if (reason !== undefined && reason.constructor !== Error) this.#world.violate("no-bugs", String(reason.stack));
    if (!this.isLive) return;
    this.#state = "destroyed";
    this.out.discard();
    if (this.#inboxBytes > 0) this.out.sendReset();
    else if (!this.#endSent) this.out.end();
    this.#forgetInbox();
    this.#closeSoon(reason);
  }

  keepAlive(_active: boolean): void {
    // Nothing in a simulated process depends on it.
  }

  // ---- the network's side

  /** The connection broke under this end. */
  reset(code = "ECONNRESET"): void {
    if (!this.isLive) return;
    this.#state = "destroyed";
    this.out.discard();
    this.#forgetInbox();
    this.#closeSoon(streamError(this.peer.address, Object.assign(new Error("broken"), { code })));
  }

  /** The process has died, and its system tells the peer. */
  abandon(withReset: boolean): void {
    if (!this.isLive) return;
    this.#state = "closed";
    this.tap?.onClosed();
    if (withReset) this.out.sendReset();
    else this.out.end();
  }

  arrive(item: PipeItem): void {
    if (!this.isLive) {
      // What reaches a socket that is gone is answered with a reset.
      if (typeof item !== "string") this.out.sendReset();
      return;
    }
    // A system tells of a reset by a read or by a write, whichever it is asked for first.
    if (item === "reset" && this.#paused && this.out.pendingBytes > 0) {
      this.reset();
      return;
    }
    this.#inbox.push(item);
    if (typeof item !== "string") this.#inboxBytes += item.length;
    this.#scheduleRead();
  }

  #onFlushed(): void {
    if (!this.#blocked) return;
    this.#world.queue.schedule(
      this.#world.now,
      () => {
        this.#blocked = false;
        this.#heldUntilTurn = this.process.turnsRun;
        if (this.#state === "open") this.#tell("onDrain", () => this.#sink?.onDrain());
      },
      this.process,
    );
  }

  #scheduleRead(): void {
    if (this.#isReadScheduled || this.#inbox.length === 0 || this.#sink === undefined) return;
    this.#isReadScheduled = true;
    this.#world.queue.schedule(
      this.#world.now,
      () => {
        this.#isReadScheduled = false;
        this.#read();
      },
      this.process,
    );
  }

  /** One chunk, as one read of a socket would give it. */
  #read(): void {
    if (this.#paused || !this.isLive) return;
    const item = this.#inbox[0];
    if (item === undefined) return;
    if (item === "reset") {
      this.reset();
      return;
    }
    if (item === "end") {
      this.#inbox.shift();
      this.#peerEnded = true;
      this.#tell("onEnd", () => this.#sink?.onEnd());
      this.#closeIfBothEnded();
    } else {
      const chunk = this.#takeChunk();
      this.#inboxBytes -= chunk.length;
      this.#other?.out.onRead(chunk.length);
      this.tap?.onDelivered(chunk.length);
      this.#tell("onData", () => this.#sink?.onData(chunk));
      this.tap?.onRead();
    }
    this.#scheduleRead();
  }

  #takeChunk(): Buffer {
    const first = this.#inbox.shift() as Buffer;
    if (this.#random.next() >= this.#profile.coalescedReads) return first;
    const pieces = [first];
    let size = first.length;
    for (let next = this.#inbox[0]; next !== undefined && typeof next !== "string"; next = this.#inbox[0]) {
      if (size + next.length > readBytes) break;
      pieces.push(next);
      size += next.length;
      this.#inbox.shift();
    }
    return ownCopy(pieces, size);
  }

  #forgetInbox(): void {
    this.#inbox = [];
    this.#inboxBytes = 0;
  }

  #closeIfBothEnded(): void {
    if (this.#state !== "ended" || !this.#endSent || !this.#peerEnded) return;
    this.#state = "destroyed";
    this.#closeSoon(undefined);
  }

  #closeSoon(error: Error | undefined): void {
    this.#world.queue.schedule(
      this.#world.now,
      () => {
        if (this.#state === "closed") return;
        this.#state = "closed";
        this.tap?.onClosed();
        this.#tell("onClose", () => this.#sink?.onClose(error));
      },
      this.process,
    );
  }

  #tell(what: string, fn: () => void): void {
    this.#world.guard(`${what} of ${this.process.name}`, fn);
  }
}

/** As a socket's chunk has: what lies in Node's pool counts for as much memory as the pool, which is not the same in every Node. */
function ownCopy(pieces: readonly Uint8Array[], size: number): Buffer {
  const copy = Buffer.allocUnsafeSlow(size);
  let at = 0;
  for (const piece of pieces) {
    copy.set(piece, at);
    at += piece.length;
  }
  return copy;
}
