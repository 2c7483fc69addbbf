import { parseHostPort } from "./host-port.js";
import type { ResolverFactory } from "./resolver.js";
import { StaticResolver } from "./static.js";
import { encodeAuthority, endpointName, unusedPart } from "./target.js";

/** `passthrough:///host:port`: the name goes to the platform's connect as it is, one connection at a time. */
export const passthroughResolver: ResolverFactory = {
  scheme: "passthrough",
  create(target, options) {
    const unused = unusedPart(target, "authority", "query");
    if (unused !== undefined) return { error: unused };
    const parsed = parseHostPort(endpointName(target));
    if ("error" in parsed) return parsed;
    const { host, port = options.defaultPort } = parsed.value;
    const endpoints = [{ addresses: [{ transport: "tcp", host, port }] as const }];
    return { value: new StaticResolver(options.platform, { endpoints: { value: endpoints } }) };
  },
  defaultAuthority: (target) => encodeAuthority(endpointName(target)),
};
