import type { Parsed } from "../base/parsed.js";
import { type Endpoint, hostPortName } from "./endpoint.js";
import { type HostPort, parseHostPort } from "./host-port.js";
import { isIpv4, isIpv6 } from "./ip-literal.js";
import type { ResolverFactory } from "./resolver.js";
import { StaticResolver } from "./static.js";
import { encodeAuthority, endpointName, type Target, unusedPart } from "./target.js";

/** `ipv4:address[:port][,address[:port],...]` (naming.md). */
export const ipv4Resolver: ResolverFactory = /* @__PURE__ */ ipResolver("ipv4", isIpv4, "1.2.3.4:443");

/** `ipv6:address[:port][,address[:port],...]`, the address in brackets in front of a port (naming.md). */
export const ipv6Resolver: ResolverFactory = /* @__PURE__ */ ipResolver("ipv6", isIpv6, "[::1]:443");

function ipResolver(scheme: string, isAddress: (text: string) => boolean, example: string): ResolverFactory {
  return {
    scheme,
    create(target, options) {
      const list = parseList(target, isAddress, example);
      if ("error" in list) return list;
      const endpoints = list.value.map(({ host, port = options.defaultPort }): Endpoint => {
        return { addresses: [{ transport: "tcp", host, port }] };
      });
      return { value: new StaticResolver(options.platform, { endpoints: { value: endpoints } }) };
    },
    defaultAuthority(target) {
      const list = parseList(target, isAddress, example);
      const first = "value" in list ? list.value[0] : undefined;
      if (first === undefined) return encodeAuthority(endpointName(target));
      const host = scheme === "ipv6" ? `[${first.host}]` : first.host;
      return encodeAuthority(first.port === undefined ? host : hostPortName(first.host, first.port));
    },
  };
}

function parseList(target: Target, isAddress: (text: string) => boolean, example: string): Parsed<readonly HostPort[]> {
  const unused = unusedPart(target, "authority", "query");
  if (unused !== undefined) return { error: unused };
  const list: HostPort[] = [];
  for (const text of endpointName(target).split(",")) {
    const parsed = parseHostPort(text);
    if ("error" in parsed) return parsed;
    if (!isAddress(parsed.value.host)) {
      return { error: `address is "${text}": expected ${target.scheme} addresses such as ${example}` };
    }
    list.push(parsed.value);
  }
  return { value: list };
}
