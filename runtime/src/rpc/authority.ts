/** As in a URI (RFC 3986 §3.2): what else there is would not survive as the octets of a header field. */
const pattern = /^[A-Za-z0-9\-._~!$&'()*+,;=:@[\]%]+$/;

/** What is wrong with a value of `:authority` that an application gave, in one clause; undefined when nothing is. */
export function authorityProblem(authority: string): string | undefined {
  if (pattern.test(authority)) return undefined;
  return `authority is ${JSON.stringify(authority)}, expected "host" or "host:port" (RFC 3986 §3.2)`;
}

/** The host of an authority: without its port, an IPv6 address without its brackets. What is malformed is no host's name. */
export function hostOfAuthority(authority: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d*)?$/.exec(authority);
  if (bracketed !== null) return bracketed[1] ?? "";
  const named = /^([^:]*):\d*$/.exec(authority);
  return named === null ? authority : (named[1] ?? "");
}
