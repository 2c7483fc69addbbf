import type { Platform } from "../../../base/platform.js";
import { SparseSet } from "../../../base/sparse-set.js";
import type { RetryThrottle } from "../../../retry/retry-throttle.js";
import type { CallCredentials } from "../../../rpc/call-credentials.js";
import type { Snapshot } from "../../snapshot.js";
import { ProcessHold } from "./process-hold.js";

/** A call that waits for a new picker. */
export interface PickWaiter {
  /** There is one: pick again, and leave the queue unless there is still no connection. */
  onPicker(): void;
}

/** What all calls of a channel share on their way to a connection. */
export interface PickOptions {
  /** Hears of every call that succeeds; undefined: nothing limits retries. */
  readonly throttle?: RetryThrottle | undefined;
  /** Value of `:authority` for calls that say none. */
  readonly authority?: string | undefined;
  /** Go with every call. */
  readonly callCredentials?: CallCredentials | undefined;
}

/** Where the data plane meets the control plane: the snapshot that calls pick from, and the calls that wait for the next. */
export class PickQueue {
  readonly platform: Platform;
  /** The channel's target, as it stands in sentences. */
  readonly target: string;
  /** Counts every call that waits, here or for a slot of a subchannel. */
  readonly hold: ProcessHold;
  readonly throttle: RetryThrottle | undefined;
  readonly authority: string;
  readonly callCredentials: CallCredentials | undefined;
  readonly #exitIdle: () => void;
  readonly #describeConnections: () => string;
  readonly #waiters = new SparseSet<PickWaiter>();
  #snapshot: Snapshot;

  /**
   * @param exitIdle Asks the control plane for a connection.
   * @param describeConnections Says what it is doing for one, in a clause; empty where there is nothing to say.
   */
  constructor(
    platform: Platform,
    target: string,
    snapshot: Snapshot,
    exitIdle: () => void,
    describeConnections: () => string,
    { throttle, authority = target, callCredentials }: PickOptions = {},
  ) {
    this.platform = platform;
    this.target = target;
    this.hold = new ProcessHold(platform);
    this.throttle = throttle;
    this.authority = authority;
    this.callCredentials = callCredentials;
    this.#snapshot = snapshot;
    this.#exitIdle = exitIdle;
    this.#describeConnections = describeConnections;
  }

  /** Why there is no connection: a clause for errors, empty where there is nothing to say. */
  describeConnections(): string {
    return this.#describeConnections();
  }

  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** Puts a snapshot in force. Those who wait pick from it in the order in which they came. */
  replaceSnapshot(snapshot: Snapshot): void {
    this.#snapshot = snapshot;
    // What one of them sets off may end others, or bring the next snapshot already.
    for (const waiter of [...this.#waiters]) if (this.#waiters.has(waiter)) waiter.onPicker();
    if (this.#waiters.size > 0) this.#wake();
  }

  add(waiter: PickWaiter): void {
    this.#waiters.add(waiter);
    this.hold.acquire();
    this.#wake();
  }

  delete(waiter: PickWaiter): void {
    if (this.#waiters.delete(waiter)) this.hold.release();
  }

  #wake(): void {
    if (this.#snapshot.state === "IDLE") this.#exitIdle();
  }
}
