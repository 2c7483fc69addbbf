import type { Parsed } from "../base/parsed.js";

/** A channel's target, taken apart as a URI (RFC 3986; grpc/grpc doc/naming.md). */
export interface Target {
  /** As it was given. */
  readonly text: string;
  /** In lower case; `dns` where the text names no scheme that is known. */
  readonly scheme: string;
  /** What stands between `//` and the next `/`, decoded; "" without one. */
  readonly authority: string;
  /** What follows, decoded, with its leading slash if there is one. */
  readonly path: string;
  /** What stands behind `?`, as it is; "" without one. */
  readonly query: string;
}

const schemePattern = /^([a-z][a-z0-9+.-]*):/i;

/**
 * Parses a target. Where the scheme is missing or unknown the whole text is a DNS name, as naming.md asks.
 * @param isKnown Whether this channel has a resolver for a scheme (in lower case).
 */
export function parseTarget(text: string, isKnown: (scheme: string) => boolean): Parsed<Target> {
  if (text === "") return { error: invalidTarget(text, 'it is empty: expected "host:port" or "scheme:name"') };
  const scheme = schemePattern.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined || !isKnown(scheme)) {
    if (text.includes("://")) {
      return { error: invalidTarget(text, `scheme "${scheme ?? ""}" is not known, and it is not a DNS name either`) };
    }
    return { value: { text, scheme: "dns", authority: "", path: text, query: "" } };
  }
  return parseUri(text, scheme);
}

function parseUri(text: string, scheme: string): Parsed<Target> {
  const hash = text.indexOf("#");
  const end = hash === -1 ? text.length : hash;
  const mark = text.slice(0, end).indexOf("?");
  let rest = text.slice(scheme.length + 1, mark === -1 ? end : mark);
  let authority = "";
  if (rest.startsWith("//")) {
    const slash = rest.indexOf("/", 2);
    authority = rest.slice(2, slash === -1 ? undefined : slash);
    rest = slash === -1 ? "" : rest.slice(slash);
  }
  const decodedAuthority = percentDecode(authority);
  const path = percentDecode(rest);
  if (decodedAuthority === undefined || path === undefined) {
    return { error: invalidTarget(text, 'a "%" is not followed by two hexadecimal digits of valid UTF-8') };
  }
  const query = mark === -1 ? "" : text.slice(mark + 1, end);
  return { value: { text, scheme, authority: decodedAuthority, path, query } };
}

/** The path without its leading slash: the name in `dns:///name` and `dns:name`. */
export function endpointName(target: Target): string {
  return target.path.startsWith("/") ? target.path.slice(1) : target.path;
}

/** The sentence for a target that cannot be used. */
export function invalidTarget(text: string, clause: string): string {
  return `target ${JSON.stringify(text)} is not valid: ${clause}`;
}

/** What is wrong with a target that has parts for which its scheme has no use; undefined when it has none. */
export function unusedPart(target: Target, ...parts: ("authority" | "query")[]): string | undefined {
  for (const part of parts) {
    if (target[part] === "") continue;
    const hint = part === "query" ? ' (write a "?" of the name as %3F)' : "";
    return `${part} is "${target[part]}": ${target.scheme}: takes none${hint}`;
  }
  return undefined;
}

/**
 * What is wrong with `scheme:443`: somebody meant a host that is called like the scheme. Undefined for other targets.
 */
export function looksLikePort({ scheme, path }: Target): string | undefined {
  if (!/^\d{1,5}$/.test(path)) return undefined;
  return `"${path}" looks like a port: expected "dns:///${scheme}:${path}" for a host called ${scheme}`;
}

function percentDecode(text: string): string | undefined {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** unreserved, sub-delims and what stands around host and port: RFC 3986 §3.2. */
const authorityCharacters = /[^A-Za-z0-9\-._~!$&'()*+,;=:@[\]]+/g;

/** A name as it may stand in `:authority`: what RFC 3986 §3.2 does not allow there is percent-encoded. */
export function encodeAuthority(name: string): string {
  // A lone surrogate has no UTF-8: encodeURIComponent would throw.
  const wellFormed = Buffer.from(name, "utf8").toString("utf8");
  return wellFormed.replace(authorityCharacters, (part) => encodeURIComponent(part));
}

/** The text with its scheme: `dns:///shop.internal:443` (gRFC A66). */
export function canonicalTarget({ text, scheme }: Target): string {
  const isNamed = text.slice(0, scheme.length + 1).toLowerCase() === `${scheme}:`;
  return isNamed ? text : `${scheme}:///${text}`;
}
