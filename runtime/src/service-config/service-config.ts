import type { Parsed } from "../base/parsed.js";
import type { MethodDescriptor } from "../rpc/method-descriptor.js";
import { show } from "./duration.js";
import { emptyMethodConfig, isObject, type MethodConfig, parseMethodConfig, unknownField } from "./method-config.js";

/** A service config as an application writes it (grpc/grpc doc/service_config.md), in the JSON form of its proto. */
export interface ServiceConfigInit {
  readonly methodConfig?: readonly MethodConfigInit[];
}

export interface MethodConfigInit {
  /** Which calls: a service's method, a whole service (no `method`), or all of them (`{}`). The most exact name holds. */
  readonly name: readonly { readonly service?: string; readonly method?: string }[];
  /** A duration such as "1.5s". The sooner of this and the call's own deadline holds. */
  readonly timeout?: string;
  /** Default for calls that do not say. */
  readonly waitForReady?: boolean;
  /** Largest request message in bytes. */
  readonly maxRequestMessageBytes?: number;
  /** Largest response message in bytes. */
  readonly maxResponseMessageBytes?: number;
}

/** A parsed service config. Immutable. */
export class ServiceConfig {
  readonly #byName: ReadonlyMap<string, MethodConfig>;
  readonly #fallback: MethodConfig;

  constructor(byName: ReadonlyMap<string, MethodConfig>) {
    this.#byName = byName;
    this.#fallback = byName.get("") ?? emptyMethodConfig;
  }

  /** What holds for a method: its own entry, else its service's, else the one for all. */
  methodConfig(method: MethodDescriptor): MethodConfig {
    if (this.#byName.size === 0) return emptyMethodConfig;
    return this.#byName.get(method.path) ?? this.#byName.get(method.service) ?? this.#fallback;
  }
}

export const emptyServiceConfig: ServiceConfig = new ServiceConfig(new Map());

const fields: ReadonlySet<string> = new Set(["methodConfig"]);

/** Parses strictly: what is wrong or would have no effect is an error that names its path. */
export function parseServiceConfig(json: unknown): Parsed<ServiceConfig> {
  if (!isObject(json)) return { error: `serviceConfig is ${show(json)}: expected an object` };
  const unknown = Object.keys(json).find((key) => !fields.has(key));
  if (unknown !== undefined) return { error: unknownField("serviceConfig", unknown, fields) };
  const list = json["methodConfig"] ?? [];
  if (!Array.isArray(list)) return { error: `serviceConfig.methodConfig is ${show(list)}: expected a list` };
  const byName = new Map<string, MethodConfig>();
  for (let i = 0; i < list.length; i++) {
    const path = `serviceConfig.methodConfig[${i}]`;
    const entry = parseMethodConfig(list[i], path);
    if ("error" in entry) return entry;
    for (let n = 0; n < entry.value.names.length; n++) {
      const key = lookupKey(entry.value.names[n] as string);
      // service_config.proto: a name may stand in one method config only.
      if (byName.has(key)) return { error: `${path}.name[${n}] names ${show(key)} a second time` };
      byName.set(key, entry.value.config);
    }
  }
  return { value: new ServiceConfig(byName) };
}

/** `:path` for a method, the full name for a service, "" for all: what a MethodDescriptor has at hand. */
function lookupKey(name: string): string {
  if (name === "") return "";
  return name.endsWith("/") ? name.slice(0, -1) : `/${name}`;
}
