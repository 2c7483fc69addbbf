import type { Status } from "../rpc/status.js";
import { type EndpointChild, EndpointChildren, pickerWithoutReady, stateOf } from "./endpoint-children.js";
import type { ChannelController, LoadBalancingPolicy, PolicyUpdate } from "./load-balancing-policy.js";
import { failAlways, type Picker } from "./picker.js";

/** Makes the picker for endpoints of which each is READY; there is at least one. */
export type CreatePicker<Config> = (ready: readonly EndpointChild[], config: Config) => Picker;

/**
 * A policy that keeps a connection to each endpoint and spreads calls over those that are READY: all of it but how. While
 * none is READY calls wait, and fail once every endpoint has failed.
 */
export class EndpointPolicy<Config> implements LoadBalancingPolicy<Config> {
  readonly #controller: ChannelController;
  readonly #children: EndpointChildren;
  readonly #createPicker: CreatePicker<Config>;
  #config: Config | undefined;

  constructor(controller: ChannelController, createPicker: CreatePicker<Config>) {
    this.#controller = controller;
    this.#createPicker = createPicker;
    this.#children = new EndpointChildren(controller, { connects: "always", onChange: () => this.#onChange() });
  }

  onUpdate({ endpoints, config }: PolicyUpdate<Config>): boolean {
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
    this.#children.close();
  }

  #onChange(): void {
    const { children } = this.#children;
    const ready = children.filter((child) => child.state === "READY");
    const picker =
      ready.length === 0 ? pickerWithoutReady(children) : this.#createPicker(ready, this.#config as Config);
    this.#controller.update(stateOf(children), picker);
  }
}
