import { addressName, type Endpoint } from "../resolver/endpoint.js";
import type { Status } from "../rpc/status.js";
import { ConfigReader } from "../service-config/config-reader.js";
import { parseUint32 } from "../service-config/uint32.js";
import { GracefulSwitch } from "./graceful-switch.js";
import type {
  ChannelController,
  ChosenPolicy,
  LoadBalancingPolicy,
  LoadBalancingPolicyFactory,
  PolicyUpdate,
} from "./load-balancing-policy.js";
import { compareHash64, type Hash64, xxHash64 } from "./xx-hash64.js";

export interface RandomSubsettingConfig {
  /** Endpoints that this channel uses, at most. */
  readonly subsetSize: number;
  /** Spreads the calls over them. */
  readonly childPolicy: ChosenPolicy;
}

/**
 * Uses a random part of the endpoints, for many clients of many servers: each server has its share of the connections, and
 * one server that comes or goes changes one endpoint of a client's part at most (gRFC A68, rendezvous hashing).
 */
export const randomSubsetting: LoadBalancingPolicyFactory<RandomSubsettingConfig> = {
  name: "random_subsetting",
  parseConfig(json, path, policies) {
    const reader = ConfigReader.open(json, path, ["subsetSize", "childPolicy"], policies.withoutEffect);
    const subsetSize = reader.require("subsetSize", (size) => parseUint32(size, "of 1 or more", 1)) ?? 1;
    const child = policies.choose(json["childPolicy"], reader.pathOf("childPolicy"));
    const read = reader.finish(subsetSize);
    if ("error" in read) return read;
    return "error" in child ? child : { value: { subsetSize, childPolicy: child.value } };
  },
  create: (controller) => new RandomSubsetting(controller),
};

class RandomSubsetting implements LoadBalancingPolicy<RandomSubsettingConfig> {
  readonly #child: GracefulSwitch;
  /** This channel's own, so that each channel has another part. */
  readonly #seed: Hash64;

  constructor(controller: ChannelController) {
    this.#child = new GracefulSwitch(controller);
    this.#seed = { high: random32(controller), low: random32(controller) };
  }

  onUpdate({ endpoints, config }: PolicyUpdate<RandomSubsettingConfig>): boolean {
    return this.#child.onUpdate({ endpoints: this.#subset(endpoints, config.subsetSize), config: config.childPolicy });
  }

  onResolverError(status: Status): void {
    this.#child.onResolverError(status);
  }

  exitIdle(): void {
    this.#child.exitIdle();
  }

  close(): void {
    this.#child.close();
  }

  /** Those whose first address has the lowest hashes. */
  #subset(endpoints: readonly Endpoint[], size: number): readonly Endpoint[] {
    if (endpoints.length <= size) return endpoints;
    const hashed = endpoints.map((endpoint) => {
      return { endpoint, hash: xxHash64(Buffer.from(addressName(endpoint.addresses[0])), this.#seed) };
    });
    hashed.sort((a, b) => compareHash64(a.hash, b.hash));
    return hashed.slice(0, size).map(({ endpoint }) => endpoint);
  }
}

function random32(controller: ChannelController): number {
  return Math.floor(controller.random() * 2 ** 32);
}
