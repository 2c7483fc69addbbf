import type { Parsed } from "../../base/parsed.js";
import type { HttpProxy } from "../../base/platform.js";

/** Of an `http:` URL that names none. */
const defaultPort = 80;
const schemePattern = /^([a-z][a-z0-9+.-]*):\/\//i;

/** A proxy as its URL says. The credentials are in a private field: nothing that prints the object prints them. */
class UrlProxy implements HttpProxy {
  readonly host: string;
  readonly port: number;
  readonly #authorization: string | undefined;

  constructor(host: string, port: number, authorization: string | undefined) {
    this.host = host;
    this.port = port;
    this.#authorization = authorization;
  }

  authorization(): string | undefined {
    return this.#authorization;
  }
}

/** What was read last: as a rule a program has one proxy, and channels that have the very same can share connections. */
let last: { readonly text: string; readonly proxy: HttpProxy } | undefined;

/**
 * Reads `http://user:password@host:port`; without a scheme, `http:` is meant, and without a port, 80. What stands behind the
 * port says nothing about a proxy and is passed over. The error repeats nothing of the text but a scheme: there may be a
 * password anywhere in it.
 */
export function parseHttpProxy(text: string): Parsed<HttpProxy> {
  if (last?.text === text) return { value: last.proxy };
  const parsed = parse(text);
  if ("value" in parsed) last = { text, proxy: parsed.value };
  return parsed;
}

function parse(text: string): Parsed<HttpProxy> {
  const scheme = schemePattern.exec(text)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== "http") return { error: `its scheme is "${scheme}": expected http` };
  let url: URL;
  try {
    url = new URL(scheme === undefined ? `http://${text}` : text);
  } catch {
    return { error: "it is not a URL: expected http://host:port" };
  }
  const authorization = basicAuthorization(url.username, url.password);
  if ("error" in authorization) return authorization;
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  return { value: new UrlProxy(host, url.port === "" ? defaultPort : Number(url.port), authorization.value) };
}

/** RFC 7617. Undefined where the URL names nobody. */
function basicAuthorization(username: string, password: string): Parsed<string | undefined> {
  if (username === "" && password === "") return { value: undefined };
  try {
    const user = decodeURIComponent(username);
    if (user.includes(":")) return { error: "its user name has a colon, which Basic authentication cannot carry" };
    const pair = Buffer.from(`${user}:${decodeURIComponent(password)}`, "utf8");
    return { value: `Basic ${pair.toString("base64")}` };
  } catch {
    return { error: 'a "%" in its user name or password is not followed by two hexadecimal digits of valid UTF-8' };
  }
}
