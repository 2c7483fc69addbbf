import type { ResolverFactory } from "../resolver.js";
import { encodeAuthority, endpointName, looksLikePort, type Target, unusedPart } from "../target.js";
import { FileResolver } from "./file-resolver.js";

const expected = 'expected "file:///etc/shop.json", or "file:///run/shops/" for a folder';

/**
 * `file:path`, `file:///absolute/path`: endpoints from a JSON file, or from the files of a folder where the path ends in a
 * slash; both are watched.
 */
export const fileResolver: ResolverFactory = {
  scheme: "file",
  create(target, options) {
    // RFC 8089: a file of this host may say so.
    if (target.authority !== "" && target.authority !== "localhost") {
      return { error: `authority is "${target.authority}": ${expected}` };
    }
    const problem = unusedPart(target, "query") ?? looksLikePort(target);
    if (problem !== undefined) return { error: problem };
    if (target.path === "" || target.path === "/") return { error: `path is "${target.path}": ${expected}` };
    if (target.path.includes("\0")) return { error: "path holds a zero byte" };
    return { value: new FileResolver(target.path, options) };
  },
  defaultAuthority: (target) => encodeAuthority(nameOf(target)) || "localhost",
};

/** `shop` for `/etc/shop.json` and for `/run/shop/`. */
function nameOf(target: Target): string {
  const parts = endpointName(target).split("/");
  const last = parts.findLast((part) => part !== "") ?? "";
  return last.replace(/\.json$/, "");
}
