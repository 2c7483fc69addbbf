import type { ResolverFactory } from "./resolver.js";
import { StaticResolver } from "./static.js";
import { unusedPart } from "./target.js";

/** `unix:path` and `unix:///absolute/path` (naming.md). */
export const unixResolver: ResolverFactory = {
  scheme: "unix",
  create(target, options) {
    const expected = 'expected "unix:path" or "unix:///absolute/path"';
    if (target.authority !== "") return { error: `authority is "${target.authority}": ${expected}` };
    const unused = unusedPart(target, "query");
    if (unused !== undefined) return { error: unused };
    if (target.path === "") return { error: `path is empty: ${expected}` };
    if (target.path.includes("\0")) return { error: "path holds a zero byte" };
    const endpoints = [{ addresses: [{ transport: "unix", path: target.path }] as const }];
    return { value: new StaticResolver(options.platform, { endpoints: { value: endpoints } }) };
  },
  // A path is no authority: every gRPC implementation sends this instead.
  defaultAuthority: () => "localhost",
};

/** `unix-abstract:name`: known, so that it is not taken for a host name, and refused. */
export const unixAbstractResolver: ResolverFactory = {
  scheme: "unix-abstract",
  create: () => ({ error: 'abstract unix sockets are not supported: expected "unix:path"' }),
  defaultAuthority: () => "localhost",
};
