import assert from "node:assert/strict";
import type { ChosenPolicy, LoadBalancingPolicyFactory } from "../../src/balancer/load-balancing-policy.js";
import { defaultPolicy, PolicyRegistry } from "../../src/balancer/registry.js";
import { type ChannelParts, ClientChannel } from "../../src/channel/channel.js";
import { parseChannelConfig } from "../../src/channel/channel-config.js";
import { type ChannelRetryOptions, channelRetries } from "../../src/channel/channel-retries.js";
import { defaultConnectSettings } from "../../src/channel/subchannel/connect-settings.js";
import { SubchannelPool } from "../../src/channel/subchannel/subchannel-pool.js";
import type { Resolver, ResolverListener, ResolverResult } from "../../src/resolver/resolver.js";
import { type CallOptions, noCallOptions } from "../../src/rpc/call-options.js";
import { noDeadline } from "../../src/rpc/deadline.js";
import type { RequestHeaders } from "../../src/rpc/invoker.js";
import { Metadata } from "../../src/rpc/metadata.js";
import { emptyServiceConfig, parseServiceConfig, type ServiceConfig } from "../../src/service-config/service-config.js";
import { nextId } from "../../src/telemetry/next-id.js";
import { endpoints } from "../balancer/fake-controller.js";
import { FakePlatform } from "../support/fake-platform.js";
import { method, RecordedCall } from "./recorded-call.js";
import { ScriptedConnector, type ScriptedTransport } from "./scripted-connector.js";

/** Resolves when the test says so. */
export class ScriptedResolver implements Resolver {
  starts = 0;
  hints = 0;
  closed = false;
  #listener: ResolverListener | undefined;

  start(listener: ResolverListener): void {
    this.starts++;
    this.#listener = listener;
  }

  resolveNow(): void {
    this.hints++;
  }

  async close(): Promise<void> {
    this.closed = true;
  }

  tell(result: ResolverResult): boolean {
    assert.ok(this.#listener, "the resolver was not started");
    return this.#listener.onResult(result);
  }

  tellHosts(...hosts: string[]): boolean {
    return this.tell({ endpoints: { value: endpoints(...hosts) } });
  }
}

export interface FixtureParts extends Partial<ChannelParts> {
  /** Of a config that names none. */
  readonly policy?: ChosenPolicy;
  readonly serviceConfig?: ServiceConfig;
  /** That a resolver's config may name. */
  readonly policies?: readonly LoadBalancingPolicyFactory[];
  readonly retry?: false | ChannelRetryOptions | undefined;
}

/** A channel to "shop" between a scripted resolver and scripted connections, in virtual time. */
export class ChannelFixture {
  readonly platform = new FakePlatform();
  /** Every one that was made, in order. */
  readonly resolvers: ScriptedResolver[] = [];
  readonly connector = new ScriptedConnector(this.platform);
  readonly channel: ClientChannel;

  constructor({
    policy = defaultPolicy,
    serviceConfig = emptyServiceConfig,
    policies = [],
    retry = undefined,
    ...parts
  }: FixtureParts = {}) {
    const registry = new PolicyRegistry(policies);
    this.channel = new ClientChannel({
      id: nextId(),
      target: "shop",
      platform: this.platform,
      createResolver: () => this.#createResolver(),
      pool: new SubchannelPool(this.platform),
      connection: { key: "", connector: this.connector, settings: defaultConnectSettings },
      maxConnectionsPerSubchannel: 10,
      idleTimeoutMs: Number.POSITIVE_INFINITY,
      checksHealth: true,
      config: { service: serviceConfig, policy },
      parseConfig: (json) => parseChannelConfig(json, "ignore", registry, policy),
      defaultTimeoutMs: Number.POSITIVE_INFINITY,
      interceptors: [],
      limits: undefined,
      retries: channelRetries(retry, "shop", this.platform),
      ...parts,
    });
  }

  /** The newest one. */
  get resolver(): ScriptedResolver {
    return this.resolvers.at(-1) ?? assert.fail("there is no resolver");
  }

  #createResolver(): ScriptedResolver {
    const resolver = new ScriptedResolver();
    this.resolvers.push(resolver);
    return resolver;
  }

  call(options: CallOptions = noCallOptions, headers: Partial<RequestHeaders> = {}): RecordedCall {
    const call = new RecordedCall();
    call.runTurns = () => this.platform.runTurns();
    const all = { method, metadata: new Metadata(), deadline: noDeadline, ...headers };
    call.stream = this.channel.invoke(all, options, call);
    return call;
  }

  /** Resolves and connects to 10.0.0.1. */
  ready(slots?: number): ScriptedTransport {
    this.channel.connect();
    this.resolver.tellHosts("10.0.0.1");
    return this.connector.last.succeed(slots);
  }
}

export function configOf(json: unknown): ServiceConfig {
  const parsed = parseServiceConfig(json, "reject");
  if ("error" in parsed) assert.fail(parsed.error);
  return parsed.value;
}
