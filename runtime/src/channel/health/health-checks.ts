import type { Subchannel, SubchannelListener } from "../../balancer/load-balancing-policy.js";
import type { Platform } from "../../base/platform.js";
import type { WorkQueue } from "../../base/work-queue.js";
import { type HealthCheckContext, HealthCheckedSubchannel } from "./health-checked-subchannel.js";

/** Client-side health checking of one channel (gRFC A17). */
export class HealthChecks implements HealthCheckContext {
  readonly platform: Platform;
  readonly queue: WorkQueue;
  #service: string | undefined;
  /** By the one that each stands around. */
  readonly #subchannels = new Map<Subchannel, HealthCheckedSubchannel>();
  #hasWarned = false;

  constructor(platform: Platform, queue: WorkQueue) {
    this.platform = platform;
    this.queue = queue;
  }

  get service(): string | undefined {
    return this.#service;
  }

  /** Puts a service config's healthCheckConfig in force, for connections that are there, too. */
  configure(service: string | undefined): void {
    if (service === this.#service) return;
    this.#service = service;
    for (const subchannel of [...this.#subchannels.values()]) subchannel.onServiceChange();
  }

  /** @param create Makes the subchannel itself. */
  check(listener: SubchannelListener, create: (listener: SubchannelListener) => Subchannel): Subchannel {
    const subchannel = new HealthCheckedSubchannel(this, listener, create);
    this.#subchannels.set(subchannel.inner, subchannel);
    return subchannel;
  }

  /** A subchannel as its policy sees it. */
  viewOf(subchannel: Subchannel): Subchannel {
    return this.#subchannels.get(subchannel) ?? subchannel;
  }

  /** What a policy of the user's own forgets must not be asked about for ever. */
  releaseAll(): void {
    for (const subchannel of [...this.#subchannels.values()]) subchannel.release();
  }

  /** The servers behind one name are alike: one warning a channel says what there is to say. */
  onUnchecked(reason: string): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    this.platform.warn(
      `${reason}: healthCheckConfig of the service config has no effect, its connections count as healthy`,
    );
  }

  onReleased(subchannel: HealthCheckedSubchannel): void {
    this.#subchannels.delete(subchannel.inner);
  }
}
