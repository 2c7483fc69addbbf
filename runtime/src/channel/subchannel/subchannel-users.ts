import type { Platform } from "../../base/platform.js";
import { SparseSet } from "../../base/sparse-set.js";
import { WorkQueue } from "../../base/work-queue.js";
import type { ConnectivityState } from "../../rpc/connectivity-state.js";

/** One use of the connections to an address: a policy's subchannel. */
export interface SubchannelUser {
  /** Whose it is: what only one channel uses is closed with it. */
  readonly channel: object;
  /** What this user allows (gRFC A105). */
  readonly maxConnections: number;
  onState(state: ConnectivityState): void;
  /** It has released, and there is nothing left to wait for. */
  onGone(): void;
}

/** Those who use the connections to one address, and those who have left and wait for them to close. */
export class SubchannelUsers {
  readonly #present = new Set<SubchannelUser>();
  readonly #leaving = new SparseSet<SubchannelUser>();
  /** They are told one state after the other, whatever the one before sets off. */
  readonly #telling: WorkQueue;
  #areOfMany = false;

  constructor(platform: Platform) {
    this.#telling = new WorkQueue((error) =>
      platform.scheduleTurn(() => {
        throw error;
      }),
    );
  }

  get size(): number {
    return this.#present.size;
  }

  /** Whether more than one channel has ever been among them at a time. */
  get areOfMany(): boolean {
    return this.#areOfMany;
  }

  /** The most that any of them allows. */
  get maxConnections(): number {
    let most = 1;
    for (const { maxConnections } of this.#present) most = Math.max(most, maxConnections);
    return most;
  }

  add(user: SubchannelUser): void {
    for (const { channel } of this.#present) if (channel !== user.channel) this.#areOfMany = true;
    this.#present.add(user);
  }

  /** False: it is not among them. */
  delete(user: SubchannelUser): boolean {
    return this.#present.delete(user);
  }

  tell(state: ConnectivityState): void {
    this.#telling.run(() => {
      for (const user of [...this.#present]) user.onState(state);
    });
  }

  /** It has left, and waits. */
  keepWaiting(user: SubchannelUser): void {
    this.#leaving.add(user);
  }

  isWaiting(user: SubchannelUser): boolean {
    return this.#leaving.has(user);
  }

  /** Nobody needs to wait any longer. */
  letGo(): void {
    const leaving = [...this.#leaving];
    this.#leaving.clear();
    for (const user of leaving) user.onGone();
  }
}
