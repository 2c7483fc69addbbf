import type { Address, Millis, Platform, Timer } from "../../base/platform.js";
import type { ConnectHistory } from "./connect-history.js";
import { Connection, type ConnectionOwner } from "./connection.js";
import type { Connector } from "./connector.js";

export interface DialerContext {
  readonly platform: Platform;
  readonly connector: Connector;
  readonly address: Address;
  /** The address, as it stands in sentences. */
  readonly name: string;
  readonly history: ConnectHistory;
  /** Least time that the server has to accept a connection and send its SETTINGS. */
  readonly timeoutMs: Millis;
}

export interface DialerOwner extends ConnectionOwner {
  /** An attempt or a backoff has begun or ended. `error`: there is a backoff for it. `failed`: the attempt was this one. */
  onDial(error?: string, failed?: Connection): void;
}

/** Each state owns what it names, and gives it up on exit. */
type State =
  | { readonly name: "rest" }
  | { readonly name: "attempt"; readonly connection: Connection; readonly deadline: Timer }
  | { readonly name: "backoff"; readonly timer: Timer };

/**
 * Attempts to connect to one address: one at a time, no more often than the backoff allows, and none for longer than its
 * deadline (connection-backoff.md).
 */
export class Dialer {
  readonly #context: DialerContext;
  readonly #owner: DialerOwner;
  #state: State = { name: "rest" };

  constructor(context: DialerContext, owner: DialerOwner) {
    this.#context = context;
    this.#owner = owner;
  }

  get state(): State["name"] {
    return this.#state.name;
  }

  /** Tries, if it is at rest. */
  start(): void {
    if (this.#state.name !== "rest") return;
    const { platform, connector, address, history, timeoutMs } = this.#context;
    const now = platform.now();
    if (now < history.notBefore) {
      this.#backOff(history.notBefore, history.lastError);
      return;
    }
    // The next attempt starts one backoff after the start of this one, which may take as long.
    const retryAt = now + history.backoff.next();
    const limitMs = Math.max(timeoutMs, retryAt - now);
    const connection = new Connection(this.#owner, retryAt);
    const deadline = platform.setTimer(now + limitMs, () => this.#onDeadline(connection, limitMs), false);
    this.#enter({ name: "attempt", connection, deadline });
    this.#owner.onDial();
    // Whoever heard of it may want it no more.
    if (!this.isTrying(connection)) return;
    connection.attempt = connector.connect(address, connection, history.pingFactor);
  }

  /** What it is trying to make. */
  get connection(): Connection | undefined {
    return this.#state.name === "attempt" ? this.#state.connection : undefined;
  }

  /** Gives up what is under way. */
  stop(reason: string): void {
    const state = this.#state;
    this.#enter({ name: "rest" });
    if (state.name === "attempt") state.connection.giveUp(reason);
  }

  /** Whether this is the connection that it has been trying to make; then it is at rest. */
  takeReady(connection: Connection): boolean {
    if (!this.isTrying(connection) || connection.transport === undefined) return false;
    this.#enter({ name: "rest" });
    return true;
  }

  isTrying(connection: Connection): boolean {
    return this.connection === connection;
  }

  /** The attempt has come to nothing. */
  onFailed(connection: Connection, error: string): void {
    this.#backOff(connection.retryAt, error, connection);
    // Afterwards, so that what closing sets off meets the new state.
    connection.giveUp(error);
  }

  #onDeadline(connection: Connection, limitMs: Millis): void {
    if (!this.isTrying(connection)) return;
    const { name } = this.#context;
    const what =
      connection.transport === undefined
        ? `connect to ${name} timed out`
        : `${name} accepted the connection but sent no HTTP/2 SETTINGS`;
    this.onFailed(connection, `${what} (limit ${limitMs / 1000} s)`);
  }

  #backOff(until: Millis, error: string | undefined, failed?: Connection): void {
    const timer = this.#context.platform.setTimer(until, () => this.#onBackoffOver(), false);
    this.#enter({ name: "backoff", timer });
    this.#owner.onDial(error, failed);
  }

  #onBackoffOver(): void {
    this.#enter({ name: "rest" });
    this.#owner.onDial();
  }

  #enter(next: State): void {
    const last = this.#state;
    if (last.name === "attempt") last.deadline.cancel();
    if (last.name === "backoff") last.timer.cancel();
    this.#state = next;
  }
}
