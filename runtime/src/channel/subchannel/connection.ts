import type { Connecting, Millis } from "../../base/platform.js";
import type { Status } from "../../rpc/status.js";
import { StatusCode } from "../../rpc/status-code.js";
import type { ClientTransport } from "../../transport/transport.js";
import type { ConnectionListener } from "./connector.js";

/** What hears of a connection, from its attempt to its end. It knows which of them it still cares for. */
export interface ConnectionOwner {
  onReady(connection: Connection): void;
  onSlots(connection: Connection): void;
  onWorn(connection: Connection): void;
  onTooManyPings(): void;
  /** The attempt failed, or the connection ended or takes no more calls; `error` says which, in one clause. May come twice. */
  onLost(connection: Connection, error: string): void;
  /** Last. */
  onClosed(connection: Connection): void;
}

/** One attempt and what comes of it. */
export class Connection implements ConnectionListener {
  readonly #owner: ConnectionOwner;
  /** When another attempt may follow (connection-backoff.md). */
  readonly retryAt: Millis;
  attempt: Connecting | undefined;
  transport: ClientTransport | undefined;
  closed = false;
  /** It carried a call, or could have. */
  isUsed = false;
  /** Another one is to take over. */
  isWorn = false;
  #gaveUp: string | undefined;
  #hasComplained = false;

  constructor(owner: ConnectionOwner, retryAt: Millis) {
    this.#owner = owner;
    this.retryAt = retryAt;
  }

  /** Whether a call may start on it now. */
  get hasSlot(): boolean {
    return this.transport !== undefined && this.transport.streamSlots() > 0;
  }

  /** Ends an attempt that is not ready. */
  giveUp(reason: string): void {
    this.#gaveUp = reason;
    if (this.transport === undefined) this.attempt?.cancel();
    else if (!this.closed) this.transport.close(unavailable(reason));
  }

  // ---- ConnectionListener

  onTransport(transport: ClientTransport): void {
    this.transport = transport;
    this.attempt = undefined;
    if (this.#gaveUp !== undefined) transport.close(unavailable(this.#gaveUp));
  }

  onConnectError(reason: string): void {
    this.closed = true;
    this.#owner.onLost(this, reason);
  }

  onReady(): void {
    this.#owner.onReady(this);
  }

  onSlots(): void {
    this.#owner.onSlots(this);
  }

  onWorn(): void {
    this.isWorn = true;
    this.#owner.onWorn(this);
  }

  /** A server may say so again and again; it is one complaint. */
  onTooManyPings(): void {
    if (this.#hasComplained) return;
    this.#hasComplained = true;
    this.#owner.onTooManyPings();
  }

  onDraining(reason: string): void {
    this.#owner.onLost(this, reason);
  }

  onClosed(reason: string): void {
    this.closed = true;
    this.#owner.onLost(this, reason);
    this.#owner.onClosed(this);
  }
}

function unavailable(message: string): Status {
  return { code: StatusCode.UNAVAILABLE, message };
}
