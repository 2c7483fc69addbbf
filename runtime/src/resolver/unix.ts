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

/** `unix-abstract:name` (naming.md): a socket in Linux's abstract namespace, which has no file and no permissions. */
export const unixAbstractResolver: ResolverFactory = {
  scheme: "unix-abstract",
  create(target, options) {
    const unused = unusedPart(target, "authority", "query");
    if (unused !== undefined) return { error: unused };
    // A slash in front is part of the name, as grpc-go and C-core have it.
    const name = target.path;
    if (name === "") return { error: 'name is empty: expected "unix-abstract:name"' };
    // naming.md: the name cannot contain null bytes.
    if (name.includes("\0")) return { error: "name holds a zero byte" };
    const endpoints = [{ addresses: [{ transport: "unix", path: `\0${name}` }] as const }];
    return { value: new StaticResolver(options.platform, { endpoints: { value: endpoints } }) };
  },
  defaultAuthority: () => "localhost",
};
