import { checkNames } from "../base/option-group.js";
import type { Millis, Platform } from "../base/platform.js";
import { textOfThrown } from "../base/text-of-thrown.js";
import type { CallCredentials } from "../rpc/call-credentials.js";
import { StatusCode } from "../rpc/status-code.js";
import { StatusError } from "../rpc/status-error.js";
import { checkToken, RefreshedToken } from "./bearer-token.js";
import type { IssuedToken } from "./cached-token.js";

/** What may be said about a token file. */
export interface TokenFileOptions {
  /** Milliseconds after which the next call has the file read again. Default 60,000, as Kubernetes' own clients. Above 0. */
  readonly refreshMs?: number | undefined;
}

/** A token of a hundred groups is a few kilobytes long. (gRFC A97: 1 MiB) */
const maxBytes = 1024 * 1024;
const defaultRefreshMs = 60_000;
/** How long a token that does not say when it expires is used when the file cannot be read any more, as a multiple of refreshMs. */
const staleFactor = 5;

/**
 * Sends the token in a file, which somebody renews, as `authorization: Bearer …`: a projected service account token of
 * Kubernetes, what `vault agent` writes. White space around it is ignored. Of a JSON web token `exp` is read, and nothing
 * checked: it is not used longer than that (gRFC A97). Calls go on with the last good token for a while when the file
 * cannot be read.
 */
export function tokenFile(path: string, options: TokenFileOptions = {}): CallCredentials {
  checkNames(options, { refreshMs: true });
  if (typeof path !== "string" || path === "") throw new TypeError("path of a token file is no text");
  const { refreshMs = defaultRefreshMs } = options;
  if (!(refreshMs > 0)) throw new TypeError(`refreshMs is ${refreshMs}: expected a number above 0`);
  return new RefreshedToken((platform) => readToken(platform, path, refreshMs));
}

async function readToken(platform: Platform, path: string, refreshMs: Millis): Promise<IssuedToken> {
  const token = await readTokenText(platform, path);
  const expiresAt = expiryOf(token);
  const staleMs = refreshMs * staleFactor;
  if (expiresAt === undefined) return { token, lifetimeMs: staleMs, refreshAfterMs: refreshMs };
  const lifetimeMs = expiresAt - platform.wallClock();
  if (lifetimeMs > 0) return { token, lifetimeMs, refreshAfterMs: Math.min(refreshMs, lifetimeMs / 2) };
  const ago = Math.round(-lifetimeMs / 1000);
  throw new StatusError(
    StatusCode.UNAUTHENTICATED,
    `the token in ${path} expired ${ago} s ago: nobody renews the file`,
  );
}

/** The token that a file holds now. Rejects with a StatusError. */
export async function readTokenText(platform: Platform, path: string): Promise<string> {
  const content = await platform.files.read(path, maxBytes).catch((cause: unknown) => {
    throw new StatusError(StatusCode.UNAVAILABLE, textOfThrown(cause), { cause });
  });
  if (content === undefined) throw new StatusError(StatusCode.UNAVAILABLE, `cannot read ${path}: no such file`);
  const token = new TextDecoder().decode(content).trim();
  if (token === "") throw new StatusError(StatusCode.UNAUTHENTICATED, `${path} is empty: expected a token`);
  try {
    checkToken(token, `the token in ${path}`);
  } catch (error) {
    throw new StatusError(StatusCode.UNAUTHENTICATED, textOfThrown(error));
  }
  return token;
}

/** When a JSON web token expires, in milliseconds since 1970; undefined for anything else. */
function expiryOf(token: string): Millis | undefined {
  const [, payload, signature] = token.split(".");
  if (payload === undefined || signature === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    const exp: unknown = (claims as { readonly exp?: unknown } | null)?.exp;
    return typeof exp === "number" && Number.isFinite(exp) ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}
