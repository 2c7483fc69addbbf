import type { Parsed } from "../../base/parsed.js";
import type { Address, HttpProxy, Platform } from "../../base/platform.js";
import type { Endpoint } from "../endpoint.js";
import { type HostPort, parseHostPort } from "../host-port.js";
import type { Resolver, ResolverListener, ResolverResult } from "../resolver.js";
import { StaticResolver } from "../static.js";
import { endpointName, type Target } from "../target.js";
import { parseHttpProxy } from "./http-proxy.js";
import type { ProxySetting } from "./proxy-setting.js";

/** Targets that no proxy can reach. */
const localSchemes: ReadonlySet<string> = new Set(["unix", "unix-abstract", "inproc"]);

/**
 * Leads a target's connections through a proxy (gRFC A1), where the setting wants it. The name of a `dns:` target goes to the
 * proxy as it is, which resolves it (case 1); the addresses of others, and of a name with a DNS server or SRV records of its
 * own, are reached through it one by one (case 2).
 *
 * @param resolver The target's own, not started.
 */
export function proxiedResolver(
  target: Target,
  resolver: Resolver,
  setting: ProxySetting,
  options: { readonly platform: Platform; readonly defaultPort: number },
): Parsed<Resolver> {
  if (localSchemes.has(target.scheme)) return { value: resolver };
  const { platform, defaultPort } = options;
  const name = target.scheme === "dns" ? hostOf(target) : undefined;
  if (name !== undefined && setting.exempts(name.host, name.port ?? defaultPort)) return { value: resolver };
  const proxy = parseHttpProxy(setting.url);
  if ("error" in proxy) return { error: `${setting.source} is not valid: ${proxy.error}` };
  if (name === undefined || target.authority !== "" || target.query !== "") {
    return { value: new ProxiedResolver(resolver, proxy.value, setting) };
  }
  const address: Address = {
    transport: "tcp",
    host: name.host,
    port: name.port ?? defaultPort,
    proxy: proxy.value,
  };
  const note = name.port === undefined ? { note: `the target names no port, so ${defaultPort} was used` } : {};
  return { value: new StaticResolver(platform, { endpoints: { value: [{ addresses: [address] }] }, ...note }) };
}

function hostOf(target: Target): HostPort | undefined {
  const parsed = parseHostPort(endpointName(target));
  return "value" in parsed ? parsed.value : undefined;
}

/** Another resolver's results, each address with the proxy on its way unless it is exempt or has one. */
class ProxiedResolver implements Resolver {
  readonly #inner: Resolver;
  readonly #proxy: HttpProxy;
  readonly #setting: ProxySetting;

  constructor(inner: Resolver, proxy: HttpProxy, setting: ProxySetting) {
    this.#inner = inner;
    this.#proxy = proxy;
    this.#setting = setting;
  }

  start(listener: ResolverListener): void {
    this.#inner.start({ onResult: (result) => listener.onResult(this.#withProxy(result)) });
  }

  resolveNow(): void {
    this.#inner.resolveNow();
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  #withProxy(result: ResolverResult): ResolverResult {
    if (!("value" in result.endpoints)) return result;
    const endpoints = result.endpoints.value.map((endpoint): Endpoint => {
      const [first, ...others] = endpoint.addresses;
      return { ...endpoint, addresses: [this.#through(first), ...others.map((address) => this.#through(address))] };
    });
    return { ...result, endpoints: { value: endpoints } };
  }

  #through(address: Address): Address {
    if (address.transport !== "tcp" || address.proxy !== undefined) return address;
    return this.#setting.exempts(address.host, address.port) ? address : { ...address, proxy: this.#proxy };
  }
}
