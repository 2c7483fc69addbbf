import type { Parsed } from "../base/parsed.js";
import type { MethodDescriptor } from "../rpc/method-descriptor.js";
import { ConfigReader, type WithoutEffect } from "./config-reader.js";
import { show } from "./json.js";
import { emptyMethodConfig, type MethodConfig, methodConfigFields, readMethodConfig } from "./method-config.js";
import { parseText, readMethodNames } from "./method-name.js";
import { type RetryThrottling, readRetryThrottling, retryThrottlingFields } from "./retry-config.js";
import { parseUint32 } from "./uint32.js";

/** Policies to choose the first of that is known, as they stand in the config: what one of them means, balancer/ knows. */
export interface LoadBalancingChoice {
  readonly list: unknown;
  /** Where the list stands, for errors. */
  readonly path: string;
}

/** What a service config says besides its methods. */
export interface ServiceConfigParts {
  /** Undefined: the channel's own policy holds. */
  readonly loadBalancing?: LoadBalancingChoice | undefined;
  readonly retryThrottling?: RetryThrottling | undefined;
  /** The service whose health the client watches (gRFC A17), "" for the whole server. Undefined: it watches none. */
  readonly healthCheckService?: string | undefined;
  /** Connections to one address, at most (gRFC A105); what the channel allows may be less. */
  readonly maxConnectionsPerSubchannel?: number | undefined;
}

/** A parsed service config. Immutable. */
export class ServiceConfig {
  readonly loadBalancing: LoadBalancingChoice | undefined;
  readonly retryThrottling: RetryThrottling | undefined;
  readonly healthCheckService: string | undefined;
  readonly maxConnectionsPerSubchannel: number | undefined;
  readonly #byName: ReadonlyMap<string, MethodConfig>;
  readonly #fallback: MethodConfig;

  /** @param byName By `:path`, service name and "" for all. */
  constructor(byName: ReadonlyMap<string, MethodConfig>, parts: ServiceConfigParts = {}) {
    this.#byName = byName;
    this.#fallback = byName.get("") ?? emptyMethodConfig;
    this.loadBalancing = parts.loadBalancing;
    this.retryThrottling = parts.retryThrottling;
    this.healthCheckService = parts.healthCheckService;
    this.maxConnectionsPerSubchannel = parts.maxConnectionsPerSubchannel;
  }

  /** What holds for a method: its own entry, else its service's, else the one for all. */
  methodConfig(method: MethodDescriptor): MethodConfig {
    if (this.#byName.size === 0) return emptyMethodConfig;
    return this.#byName.get(method.path) ?? this.#byName.get(method.service) ?? this.#fallback;
  }
}

export const emptyServiceConfig: ServiceConfig = new ServiceConfig(new Map());

const fields = [
  "loadBalancingConfig",
  "loadBalancingPolicy",
  "methodConfig",
  "retryThrottling",
  "healthCheckConfig",
  "connectionScaling",
];

/**
 * Parses a config in JSON, as JSON.parse gives it. An error is a sentence that names the path: nothing is taken of a
 * config with something wrong in it (gRFC A21). The policies in it are not looked at here.
 */
export function parseServiceConfig(json: unknown, withoutEffect: WithoutEffect): Parsed<ServiceConfig> {
  const reader = ConfigReader.open(json, "serviceConfig", fields, withoutEffect);
  const byName = readMethodConfigs(reader);
  const throttling = reader.object("retryThrottling", retryThrottlingFields);
  const health = reader.object("healthCheckConfig", ["serviceName"]);
  const scaling = reader.object("connectionScaling", ["maxConnectionsPerSubchannel"]);
  const parts = {
    loadBalancing: readLoadBalancing(reader),
    retryThrottling: throttling && readRetryThrottling(throttling),
    // gRFC A17: that there is such an object turns checking on.
    healthCheckService: health && (health.read("serviceName", parseText) ?? ""),
    maxConnectionsPerSubchannel: scaling?.read("maxConnectionsPerSubchannel", parseConnections),
  };
  return reader.finish(new ServiceConfig(byName, parts));
}

function readMethodConfigs(reader: ConfigReader): ReadonlyMap<string, MethodConfig> {
  const byName = new Map<string, MethodConfig>();
  for (const entry of reader.objects("methodConfig", methodConfigFields)) {
    const config = readMethodConfig(entry);
    for (const [n, name] of readMethodNames(entry).entries()) {
      // service_config.proto: a name may stand in one method config only.
      if (byName.has(name)) entry.find(`name[${n}]`, `names ${show(name)} a second time`);
      byName.set(name, config);
    }
  }
  return byName;
}

/** gRFC A24: the deprecated field holds only where the list is absent. */
function readLoadBalancing(reader: ConfigReader): LoadBalancingChoice | undefined {
  const list = reader.field("loadBalancingConfig");
  const deprecated = reader.read("loadBalancingPolicy", parseText);
  if (list !== undefined) return { list, path: reader.pathOf("loadBalancingConfig") };
  // An enum in service_config.proto, a name in service_config.md: ROUND_ROBIN and round_robin are the same.
  const name = deprecated?.toLowerCase() ?? "";
  if (name === "" || name === "unspecified") return undefined;
  return { list: [{ [name]: {} }], path: reader.pathOf("loadBalancingPolicy") };
}

function parseConnections(json: unknown): Parsed<number> {
  return parseUint32(json, "of 1 or more", 1);
}
