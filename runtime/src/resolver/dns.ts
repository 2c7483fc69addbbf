import type { Millis, Platform, Timer } from "../base/platform.js";
import { StatusCode } from "../rpc/status-code.js";
import type { Endpoint } from "./endpoint.js";
import { parseHostPort } from "./host-port.js";
import { isIpv4, isIpv6 } from "./ip-literal.js";
import type { Resolver, ResolverFactory, ResolverListener, ResolverResult } from "./resolver.js";
import { StaticResolver } from "./static.js";
import { encodeAuthority, endpointName, unusedPart } from "./target.js";

/** Least time from one successful resolution to the next (grpc-js: grpc.dns_min_time_between_resolutions_ms; grpc-go: the same). */
export const minResolutionIntervalMs = 30_000;

/** `dns:[//authority/]host[:port]` (naming.md), by the system's own resolver. */
export const dnsResolver: ResolverFactory = {
  scheme: "dns",
  create(target, options) {
    if (target.authority !== "") {
      return {
        error: `it names the DNS server "${target.authority}": only the system's own is supported, expected "dns:///host:port"`,
      };
    }
    const unused = unusedPart(target, "query");
    if (unused !== undefined) return { error: unused };
    const parsed = parseHostPort(endpointName(target));
    if ("error" in parsed) return parsed;
    const { host, port = options.defaultPort } = parsed.value;
    const note = parsed.value.port === undefined ? `the target names no port, so ${port} was used` : undefined;
    if (isIpv4(host) || isIpv6(host)) {
      return { value: new StaticResolver(options.platform, resultOf([host], port, note)) };
    }
    return { value: new DnsResolver(options.platform, host, port, note) };
  },
  defaultAuthority(target) {
    const name = endpointName(target);
    return encodeAuthority(isIpv6(name) ? `[${name}]` : name);
  },
};

function resultOf(hosts: readonly string[], port: number, note: string | undefined): ResolverResult {
  // DNS does not say which addresses are one server's: each is an endpoint of its own (gRFC A61).
  const endpoints = hosts.map((host): Endpoint => ({ addresses: [{ transport: "tcp", host, port }] }));
  return note === undefined ? { endpoints: { value: endpoints } } : { endpoints: { value: endpoints }, note };
}

type State =
  | { readonly name: "new" }
  | { readonly name: "resolving" }
  /** `timer` is there when somebody asked before the interval was over. */
  | { readonly name: "resolved"; readonly again: Millis; readonly timer: Timer | undefined }
  | { readonly name: "failed" }
  | { readonly name: "closed" };

class DnsResolver implements Resolver {
  readonly #platform: Platform;
  readonly #host: string;
  readonly #port: number;
  readonly #note: string | undefined;
  #listener: ResolverListener | undefined;
  #state: State = { name: "new" };

  constructor(platform: Platform, host: string, port: number, note: string | undefined) {
    this.#platform = platform;
    this.#host = host;
    this.#port = port;
    this.#note = note;
  }

  start(listener: ResolverListener): void {
    this.#listener = listener;
    this.#resolve();
  }

  /** At once after a failure, since the channel paces those by its backoff; else no sooner than the interval allows. */
  resolveNow(): void {
    const state = this.#state;
    if (state.name === "failed") this.#resolve();
    if (state.name !== "resolved" || state.timer !== undefined) return;
    if (this.#platform.now() >= state.again) this.#resolve();
    else {
      const timer = this.#platform.setTimer(state.again, () => this.#resolve(), false);
      this.#state = { name: "resolved", again: state.again, timer };
    }
  }

  async close(): Promise<void> {
    if (this.#state.name === "resolved") this.#state.timer?.cancel();
    this.#state = { name: "closed" };
  }

  #resolve(): void {
    this.#state = { name: "resolving" };
    this.#platform.lookup(this.#host).then(
      (hosts) => this.#onHosts(hosts),
      (error: unknown) => this.#onFailure(error),
    );
  }

  #onHosts(hosts: readonly string[]): void {
    if (this.#state.name === "closed") return;
    this.#state = { name: "resolved", again: this.#platform.now() + minResolutionIntervalMs, timer: undefined };
    this.#listener?.onResult(resultOf(hosts, this.#port, this.#note));
  }

  #onFailure(error: unknown): void {
    if (this.#state.name === "closed") return;
    this.#state = { name: "failed" };
    const message = error instanceof Error ? error.message : `cannot resolve ${this.#host}: ${String(error)}`;
    this.#listener?.onResult({ endpoints: { status: { code: StatusCode.UNAVAILABLE, message, cause: error } } });
  }
}
