import type { Address, Millis, Timer } from "../../base/platform.js";
import { addressName, type Endpoint } from "../../resolver/endpoint.js";
import type { ConnectivityState } from "../../rpc/connectivity-state.js";
import type { Status } from "../../rpc/status.js";
import { endpointKey } from "../endpoint-children.js";
import { GracefulSwitch } from "../graceful-switch.js";
import type {
  ChannelController,
  LoadBalancingPolicy,
  LoadBalancingPolicyFactory,
  PolicyUpdate,
  Subchannel,
  SubchannelListener,
  SubchannelOptions,
} from "../load-balancing-policy.js";
import type { Picker } from "../picker.js";
import { type OutlierDetectionConfig, parseOutlierDetectionConfig } from "./config.js";
import { CountingPicker } from "./counting-picker.js";
import { EjectableSubchannel } from "./ejectable-subchannel.js";
import { EndpointRecord } from "./endpoint-record.js";
import { sweepEndpoints } from "./sweep.js";

/**
 * Watches how the calls of each endpoint end, and takes those out for a while whose calls fail much more often than those of
 * the others (gRFC A50). Which endpoint a call gets is up to the policy below it, from the others. Without effect over a
 * `pick_first` of its own, which would have nowhere to go (gRFC A61).
 */
export const outlierDetection: LoadBalancingPolicyFactory<OutlierDetectionConfig> = {
  name: "outlier_detection",
  parseConfig: parseOutlierDetectionConfig,
  create: (controller) => new OutlierDetection(controller),
};

class OutlierDetection implements LoadBalancingPolicy<OutlierDetectionConfig>, ChannelController {
  readonly #controller: ChannelController;
  readonly #child: GracefulSwitch;
  #config: OutlierDetectionConfig | undefined;
  #records: ReadonlyMap<string, EndpointRecord> = new Map();
  #byAddress: ReadonlyMap<string, EndpointRecord> = new Map();
  /** The interval that runs; undefined while nothing is judged. */
  #interval: { readonly startedAt: Millis; readonly timer: Timer } | undefined;
  /** What the child published last, to be published again when counting begins or ends. */
  #published: { readonly state: ConnectivityState; readonly picker: Picker } | undefined;

  constructor(controller: ChannelController) {
    this.#controller = controller;
    this.#child = new GracefulSwitch(this);
  }

  onUpdate({ endpoints, config }: PolicyUpdate<OutlierDetectionConfig>): boolean {
    const counted = this.#isCounting;
    this.#config = config;
    this.#updateRecords(endpoints);
    this.#updateInterval(config);
    const before = this.#published;
    const isAccepted = this.#child.onUpdate({ endpoints, config: config.child });
    if (before !== undefined && before === this.#published && counted !== this.#isCounting) this.#publish();
    return isAccepted;
  }

  onResolverError(status: Status): void {
    this.#child.onResolverError(status);
  }

  exitIdle(): void {
    this.#child.exitIdle();
  }

  close(): void {
    this.#interval?.timer.cancel();
    this.#child.close();
  }

  // ---- ChannelController, for the child

  createSubchannel(address: Address, listener: SubchannelListener, options?: SubchannelOptions): Subchannel {
    const record = this.#byAddress.get(addressName(address));
    const create = (own: SubchannelListener): Subchannel => this.#controller.createSubchannel(address, own, options);
    if (record === undefined || options?.checksHealth !== true) return create(listener);
    return new EjectableSubchannel(record, listener, create);
  }

  update(state: ConnectivityState, picker: Picker): void {
    this.#published = { state, picker };
    this.#publish();
  }

  requestResolution(): void {
    this.#controller.requestResolution();
  }

  now(): Millis {
    return this.#controller.now();
  }

  random(): number {
    return this.#controller.random();
  }

  setTimer(at: Millis, fn: () => void): Timer {
    return this.#controller.setTimer(at, fn);
  }

  // ----

  get #isCounting(): boolean {
    return this.#config?.successRate !== undefined || this.#config?.failurePercentage !== undefined;
  }

  #publish(): void {
    if (this.#published === undefined) return;
    const { state, picker } = this.#published;
    this.#controller.update(state, this.#isCounting ? new CountingPicker(picker) : picker);
  }

  #updateRecords(endpoints: readonly Endpoint[]): void {
    const records = new Map<string, EndpointRecord>();
    const byAddress = new Map<string, EndpointRecord>();
    for (const endpoint of endpoints) {
      const key = endpointKey(endpoint);
      const record = this.#records.get(key) ?? new EndpointRecord();
      records.set(key, record);
      for (const address of endpoint.addresses) byAddress.set(addressName(address), record);
    }
    this.#records = records;
    this.#byAddress = byAddress;
  }

  /** A new config does not begin the interval anew: configs that come often would put the judgement off for ever. */
  #updateInterval({ intervalMs }: OutlierDetectionConfig): void {
    const running = this.#interval;
    running?.timer.cancel();
    this.#interval = undefined;
    if (!this.#isCounting) for (const record of this.#records.values()) record.forgive();
    else if (running !== undefined) this.#startInterval(running.startedAt, intervalMs);
    else {
      for (const record of this.#records.values()) record.resetCounts();
      this.#startInterval(this.#controller.now(), intervalMs);
    }
  }

  #startInterval(startedAt: Millis, intervalMs: Millis): void {
    const at = Math.max(this.#controller.now(), startedAt + intervalMs);
    this.#interval = { startedAt, timer: this.#controller.setTimer(at, () => this.#onInterval()) };
  }

  #onInterval(): void {
    const config = this.#config as OutlierDetectionConfig;
    const now = this.#controller.now();
    this.#startInterval(now, config.intervalMs);
    sweepEndpoints([...this.#records.values()], config, now, () => this.#controller.random());
  }
}
