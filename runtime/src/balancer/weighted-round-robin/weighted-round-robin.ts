import type { Timer } from "../../base/platform.js";
import type { Status } from "../../rpc/status.js";
import { type EndpointChild, EndpointChildren, pickerWithoutReady, stateOf } from "../endpoint-children.js";
import type {
  ChannelController,
  LoadBalancingPolicy,
  LoadBalancingPolicyFactory,
  PolicyUpdate,
} from "../load-balancing-policy.js";
import { failAlways, type Picker } from "../picker.js";
import { parseWeightedRoundRobinConfig, type WeightedRoundRobinConfig } from "./config.js";
import { createScheduler, type Scheduler } from "./static-stride.js";
import { WeighedEndpoint } from "./weighed-endpoint.js";
import { WeightedPicker } from "./weighted-picker.js";

/**
 * Like `round_robin`, but each endpoint gets as many calls as its server can take, from what the server reports of its load
 * with its calls or apart from them (gRFC A58, A51). Until reports have come, and without them, it is `round_robin`.
 */
export const weightedRoundRobin: LoadBalancingPolicyFactory<WeightedRoundRobinConfig> = {
  name: "weighted_round_robin",
  parseConfig: parseWeightedRoundRobinConfig,
  create: (controller) => new WeightedRoundRobin(controller),
};

class WeightedRoundRobin implements LoadBalancingPolicy<WeightedRoundRobinConfig> {
  readonly #controller: ChannelController;
  readonly #children: EndpointChildren;
  #config: WeightedRoundRobinConfig | undefined;
  #weighed: ReadonlyMap<EndpointChild, WeighedEndpoint> = new Map();
  /** Those that are READY, and their weights, as they were published last. */
  #ready: readonly WeighedEndpoint[] = [];
  #weights: readonly number[] = [];
  #timer: Timer | undefined;
  #scheduler: Scheduler | undefined;
  /** Anywhere: clients that start together do not pick the same endpoints. */
  readonly #firstSequence: number;

  constructor(controller: ChannelController) {
    this.#controller = controller;
    this.#children = new EndpointChildren(controller, { connects: "always", onChange: () => this.#onChange() });
    this.#firstSequence = Math.floor(controller.random() * 2 ** 32);
  }

  onUpdate({ endpoints, config }: PolicyUpdate<WeightedRoundRobinConfig>): boolean {
    this.#config = config;
    return this.#children.update(endpoints);
  }

  onResolverError(status: Status): void {
    if (this.#children.children.length > 0) return;
    this.#controller.update("TRANSIENT_FAILURE", failAlways(status));
  }

  exitIdle(): void {
    this.#children.exitIdle();
  }

  close(): void {
    this.#timer?.cancel();
    for (const weighed of this.#weighed.values()) weighed.close();
    this.#children.close();
  }

  #onChange(): void {
    const config = this.#config as WeightedRoundRobinConfig;
    const { children } = this.#children;
    const old = this.#weighed;
    this.#weighed = new Map(children.map((child) => [child, old.get(child) ?? new WeighedEndpoint(this.#controller)]));
    for (const [child, weighed] of old) if (!this.#weighed.has(child)) weighed.close();
    for (const [child, weighed] of this.#weighed) weighed.update(child, config);
    this.#ready = [...this.#weighed.values()].filter(({ picker }) => picker !== undefined);
    this.#publish();
    this.#startTimer();
  }

  #publish(): void {
    if (this.#ready.length === 0) {
      const { children } = this.#children;
      this.#controller.update(stateOf(children), pickerWithoutReady(children));
      return;
    }
    this.#weights = this.#currentWeights();
    const scheduler = createScheduler(this.#weights, this.#scheduler?.sequence ?? this.#firstSequence);
    this.#scheduler = scheduler;
    const pickers = this.#ready.map(({ picker }) => picker as Picker);
    this.#controller.update("READY", new WeightedPicker(pickers, scheduler));
  }

  /** One endpoint alone gets all calls, whatever it weighs. */
  #startTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#ready.length < 2) return;
    const { weightUpdatePeriodMs } = this.#config as WeightedRoundRobinConfig;
    this.#timer = this.#controller.setTimer(this.#controller.now() + weightUpdatePeriodMs, () => this.#onTimer());
  }

  #onTimer(): void {
    const weights = this.#currentWeights();
    if (weights.some((weight, i) => weight !== this.#weights[i])) this.#publish();
    this.#startTimer();
  }

  #currentWeights(): readonly number[] {
    const now = this.#controller.now();
    return this.#ready.map(({ weight }) => weight.current(this.#config as WeightedRoundRobinConfig, now));
  }
}
