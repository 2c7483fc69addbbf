/** One question to an HTTP server that is not a gRPC server: a token endpoint, a set of keys. */
export interface HttpRequest {
  readonly method: "GET" | "POST";
  /** `https:`, or `http:` to a loopback address. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | undefined;
  /** Milliseconds until the whole of the answer has come. */
  readonly timeoutMs: number;
  /** Of the answer's body, after decompression. */
  readonly maxBytes: number;
}

export interface HttpResponse {
  /** Never 3xx: a redirect is an error. */
  readonly status: number;
  /** Undefined when there is none. */
  header(name: string): string | undefined;
  readonly body: Uint8Array;
}

/** RFC 6761 §6.3, and the addresses of RFC 1122 §3.2.1.3 and RFC 4291 §2.5.3 as `URL` writes them. */
const loopbackPattern = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * What is wrong with a URL that a secret is sent to or a key is taken from, in one clause; undefined when nothing is. Never
 * repeats it: there may be a password in it.
 */
export function secureUrlProblem(url: string): string | undefined {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return "is not a URL: expected https://host/path";
  }
  if (parsed.username !== "" || parsed.password !== "") return "has a user name or password in it";
  if (parsed.protocol === "https:") return undefined;
  if (parsed.protocol !== "http:") return `has the scheme "${parsed.protocol.slice(0, -1)}": expected https`;
  if (loopbackPattern.test(parsed.hostname)) return undefined;
  return "is http: expected https, since everybody on the way could read it; http is for loopback addresses";
}

/** A URL as it may stand in a sentence: without its query, which may hold a secret. */
export function shownUrl(url: string): string {
  try {
    const { origin, pathname } = new URL(url);
    return `${origin}${pathname}`;
  } catch {
    return "an invalid URL";
  }
}
