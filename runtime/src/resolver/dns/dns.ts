import type { Parsed } from "../../base/parsed.js";
import { parseHostPort } from "../host-port.js";
import { isIpv4, isIpv6 } from "../ip-literal.js";
import type { Resolver, ResolverFactory, ResolverOptions } from "../resolver.js";
import { StaticResolver } from "../static.js";
import { encodeAuthority, endpointName, type Target } from "../target.js";
import { addressEndpoints } from "./address-lookup.js";
import { type DnsResolverOptions, type DnsSettings, dnsSettings } from "./dns-options.js";
import { DnsResolver } from "./dns-resolver.js";
import { NameLookup } from "./name-lookup.js";
import { parseServer } from "./server-address.js";

/**
 * `dns:[//server/]host[:port][?srv=true]` (naming.md): addresses from the system's resolver, or from the DNS server that
 * stands in the target's authority.
 *
 * `dnsResolver()` is built in; with options it goes in its place: `resolvers: [dnsResolver({ refreshMs: 10_000 })]`.
 * Throws TypeError when an option is not valid.
 */
export function dnsResolver(options: DnsResolverOptions = {}): ResolverFactory {
  const settings = dnsSettings(options);
  return {
    scheme: "dns",
    create: (target, resolverOptions) => createDns(target, resolverOptions, settings),
    defaultAuthority(target) {
      const name = endpointName(target);
      return encodeAuthority(isIpv6(name) ? `[${name}]` : name);
    },
  };
}

function createDns(target: Target, options: ResolverOptions, settings: DnsSettings): Parsed<Resolver> {
  const srv = parseQuery(target.query);
  if ("error" in srv) return srv;
  const server = parseServer(target.authority);
  if ("error" in server) return server;
  const parsed = parseHostPort(endpointName(target));
  if ("error" in parsed) return parsed;
  const { platform, lot } = options;
  const { host, port = options.defaultPort } = parsed.value;
  const hasPort = parsed.value.port !== undefined;
  const isAddress = isIpv4(host) || isIpv6(host);
  if (srv.value && hasPort) return { error: `port is ${port}: with srv=true the SRV records say it` };
  if (srv.value && isAddress) return { error: `host is "${host}": with srv=true it is a name` };
  const note = hasPort || srv.value ? undefined : `the target names no port, so ${port} was used`;
  if (isAddress) {
    const result = { endpoints: { value: addressEndpoints([host], port) } };
    return { value: new StaticResolver(platform, note === undefined ? result : { ...result, note }) };
  }
  const lookup = new NameLookup(platform, { host, port, note, server: server.value, useSrv: srv.value, settings, lot });
  return { value: new DnsResolver(platform, lookup, settings) };
}

/** Whether SRV records are asked for. */
function parseQuery(query: string): Parsed<boolean> {
  if (query === "" || query === "srv=false") return { value: false };
  if (query === "srv=true") return { value: true };
  return { error: `query is "${query}": expected "srv=true" or none (write a "?" of the name as %3F)` };
}
