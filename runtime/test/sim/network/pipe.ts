import type { Millis } from "../../../src/base/platform.js";
import type { SeededRandom } from "../../hpack/random.js";
import type { World } from "../world/world.js";
import { type LinkProfile, pieceBytes } from "./link-profile.js";

/** How the reader is told that nothing follows: `end` is a FIN, `reset` a RST. */
export type PipeItem = Buffer | "end" | "reset";

/** A chunk as it was given to write, and what was in it then. */
interface Written {
  readonly chunk: Uint8Array;
  readonly copy: Buffer;
  sent: number;
}

/** Pieces of a direction that are cut to size; what comes behind them goes in large ones, for time is short. */
const cutPieces = 300;

/** What a pipe needs of its ends. */
export interface PipeEnds {
  /** An item arrived at the reader. */
  onArrival(item: PipeItem): void;
  /** Everything that was written has been taken by the system. */
  onFlushed(): void;
  /** Something was written that nobody will read. */
  onNoReader(): void;
  /** The end that was asked for has left. */
  onEndSent(): void;
  /** The fault at `failAtByte` has been reached. */
  onFailure(): void;
}

/**
 * One direction of a connection: what was written waits for room, travels in pieces, and arrives in order. Pieces are
 * copied when the system takes them, not before: a writer that changes memory which is not its own yet is found out.
 */
export class Pipe {
  /** Bytes that write took and the system has not. */
  pendingBytes = 0;
  /** Bytes that have left for the reader, of all times. */
  sentBytes = 0;
  /** Nothing arrives before. */
  stalledUntil: Millis = 0;
  /** The byte at which this direction breaks. */
  failAtByte = Number.POSITIVE_INFINITY;

  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #profile: LinkProfile;
  readonly #ends: PipeEnds;
  #outgoing: (Written | "end")[] = [];
  readonly #travelling: { readonly item: PipeItem; readonly at: Millis }[] = [];
  /** Bytes that are on their way or unread. */
  #occupiedBytes = 0;
  #lastArrival: Millis = 0;
  #cutsLeft = cutPieces;
  #isPumpScheduled = false;
  #isBroken = false;
  #isShut = false;

  constructor(world: World, random: SeededRandom, profile: LinkProfile, ends: PipeEnds) {
    this.#world = world;
    this.#random = random;
    this.#profile = profile;
    this.#ends = ends;
  }

  write(chunk: Uint8Array, copy: Buffer): void {
    if (this.#isShut) {
      this.#world.queue.schedule(this.#world.now + 2 * this.#profile.latencyMs, () => this.#ends.onNoReader());
      return;
    }
    this.pendingBytes += copy.length;
    this.#outgoing.push({ chunk, copy, sent: 0 });
  }

  /** Behind what was written. */
  end(): void {
    this.#outgoing.push("end");
    this.flush();
  }

  /** The reader is told that nothing follows, and the writer is not: what it writes from here on is lost. */
  shut(): void {
    const wasPending = this.pendingBytes > 0;
    this.discard();
    this.#isShut = true;
    this.#depart("end");
    if (wasPending) this.#ends.onFlushed();
  }

  /** At once, in place of what was not sent. */
  sendReset(): void {
    this.discard();
    this.#depart("reset");
  }

  /** What the system has not taken is lost. */
  discard(): void {
    this.#outgoing = [];
    this.pendingBytes = 0;
  }

  /** From here on nothing is taken and nothing arrives. */
  break(): void {
    this.#isBroken = true;
    this.discard();
  }

  /** The system takes what there is room for: now, or as one of the next events. */
  flush(): void {
    if (this.#random.next() < this.#profile.promptWrites) this.#pump();
    else this.pumpSoon();
  }

  pumpSoon(): void {
    if (this.#isPumpScheduled || this.#outgoing.length === 0) return;
    this.#isPumpScheduled = true;
    this.#world.queue.schedule(this.#world.now, () => {
      this.#isPumpScheduled = false;
      this.#pump();
    });
  }

  /** The reader took bytes. */
  onRead(bytes: number): void {
    this.#occupiedBytes -= bytes;
    this.pumpSoon();
  }

  #pump(): void {
    const wasPending = this.pendingBytes > 0;
    while (this.#outgoing.length > 0 && !this.#isBroken) {
      const head = this.#outgoing[0] as Written | "end";
      if (head === "end") this.#sendEnd();
      else if (!this.#send(head)) break;
      this.#outgoing.shift();
    }
    if (wasPending && this.pendingBytes === 0 && !this.#isBroken) this.#ends.onFlushed();
  }

  #sendEnd(): void {
    if (!this.#isShut) this.#depart("end");
    this.#ends.onEndSent();
  }

  /** Sends as much of a chunk as there is room for. Whether all of it went. */
  #send(written: Written): boolean {
    const { copy, chunk } = written;
    while (written.sent < copy.length) {
      const room = Math.min(this.#profile.capacityBytes - this.#occupiedBytes, this.failAtByte - this.sentBytes);
      if (room <= 0) break;
      const left = copy.length - written.sent;
      const cut = this.#cutsLeft-- > 0 ? pieceBytes(this.#profile.pieces, this.#random, left) : left;
      const size = Math.min(left, room, cut);
      const piece = copy.subarray(written.sent, written.sent + size);
      if (piece.compare(chunk, written.sent, written.sent + size) !== 0) {
        this.#world.violate("owned-bytes", `${size} bytes of output were changed before the stream was done with them`);
      }
      written.sent += size;
      this.pendingBytes -= size;
      this.#occupiedBytes += size;
      this.sentBytes += size;
      this.#depart(piece);
    }
    if (this.sentBytes >= this.failAtByte) {
      this.failAtByte = Number.POSITIVE_INFINITY;
      this.#ends.onFailure();
    }
    return written.sent === copy.length;
  }

  #depart(item: PipeItem): void {
    const { latencyMs, jitterMs } = this.#profile;
    const jitter = jitterMs === 0 ? 0 : this.#random.below(jitterMs * 1000) / 1000;
    const at = Math.max(this.#lastArrival, this.#world.now + latencyMs + jitter);
    this.#lastArrival = at;
    this.#travelling.push({ item, at });
    this.#world.queue.schedule(at, this.#arrive);
  }

  /** The next item arrives, whichever's event this is: none overtakes another. */
  readonly #arrive = (): void => {
    if (this.#isBroken) return;
    if (this.stalledUntil > this.#world.now) {
      this.#world.queue.schedule(this.stalledUntil, this.#arrive);
      return;
    }
    const next = this.#travelling.shift();
    if (next !== undefined) this.#ends.onArrival(next.item);
  };
}
