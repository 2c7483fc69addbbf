import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Why a request is not answered. */
export interface Refusal {
  readonly status: 403 | 404 | 405 | 415;
  readonly reason: string;
}

/** What the page may do: run what came with it, and talk with where it came from. */
export const securityHeaders: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

/**
 * Who may ask. Any page in the same browser, and any program on this machine, can reach a port of loopback: a name that was
 * rebound to it is told by Host, another site's page by Origin, and whoever was not given the URL by the token in its path.
 * Returns the path behind the token.
 */
export function admit(request: IncomingMessage, port: number, token: string): { path: string } | Refusal {
  const { host, origin } = request.headers;
  const isLoopback = host === `127.0.0.1:${port}` || host === `localhost:${port}`;
  if (!isLoopback) return { status: 403, reason: "the Host header does not name this machine" };
  if (origin !== undefined && origin !== `http://${host}`)
    return { status: 403, reason: "this is another site's page" };
  const [, given = "", ...rest] = new URL(request.url ?? "/", "http://localhost").pathname.split("/");
  if (!isSame(given, token) || rest.length === 0)
    return { status: 404, reason: "the URL that godwit explore printed has more to it" };
  const path = rest.join("/");
  return checkFetch(request, path) ?? { path };
}

function checkFetch({ method, headers }: IncomingMessage, path: string): Refusal | undefined {
  const site = headers["sec-fetch-site"];
  if (path.startsWith("api/") && site !== undefined && site !== "same-origin")
    return { status: 403, reason: "this is another site's page" };
  if (method === "GET") return undefined;
  if (method !== "POST") return { status: 405, reason: `${method} is not for here` };
  if (headers.origin === undefined) return { status: 403, reason: "there is no Origin header" };
  if (headers["content-type"] !== "application/json")
    return { status: 415, reason: "content-type is not application/json" };
  return undefined;
}

function isSame(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}
