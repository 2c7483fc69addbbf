import type { ResolverFactory } from "./resolver.js";
import { StaticResolver } from "./static.js";
import { endpointName, unusedPart } from "./target.js";

/** `inproc:name`: a server of this process, without a socket. */
export const inprocResolver: ResolverFactory = {
  scheme: "inproc",
  create(target, options) {
    const unused = unusedPart(target, "authority", "query");
    if (unused !== undefined) return { error: unused };
    const name = endpointName(target);
    if (name === "") return { error: 'name is empty: expected "inproc:name"' };
    const endpoints = [{ addresses: [{ transport: "inproc", name }] as const }];
    return { value: new StaticResolver(options.platform, { endpoints: { value: endpoints } }) };
  },
  defaultAuthority: () => "localhost",
};
