import { checkNames } from "../../base/option-group.js";
import type { CallCredentials } from "../../rpc/call-credentials.js";
import { RefreshedToken } from "../bearer-token.js";
import { checkClient, clientOf, type TokenClientOptions } from "./token-client.js";
import { checkTokenUrl, defaultTokenTimeoutMs, requestToken } from "./token-endpoint.js";

/** What a token is asked for with (RFC 6749 §4.4). */
export interface OauthClientCredentialsOptions extends TokenClientOptions {
  /** The token endpoint: https, or http on a loopback address. */
  readonly tokenUrl: string;
  /** Separated by spaces, or as a list. Default: what the endpoint gives. */
  readonly scope?: string | readonly string[] | undefined;
  /** Some endpoints want to know whom the token is for. Default: not sent. */
  readonly audience?: string | undefined;
  /** Further parameters of the request. Default: none. */
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  /** Milliseconds that the endpoint has to answer. Default 10,000. Above 0. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Gets a token for the program itself by OAuth 2 client credentials, and sends it as `authorization: Bearer …`. It is kept
 * until shortly before it expires and renewed before that, by one request at a time.
 */
export function oauthClientCredentials(options: OauthClientCredentialsOptions): CallCredentials {
  checkNames(options, {
    tokenUrl: true,
    clientId: true,
    clientSecret: true,
    clientAuthentication: true,
    scope: true,
    audience: true,
    parameters: true,
    timeoutMs: true,
  });
  const { tokenUrl, scope, audience, parameters = {} } = options;
  checkTokenUrl(tokenUrl);
  if (options.clientId === undefined) throw new TypeError("clientId is missing");
  checkClient(options);
  const timeoutMs = checkTokenTimeout(options.timeoutMs);
  const asked = [
    ["grant_type", "client_credentials"],
    ["scope", scopeText(scope)],
    ["audience", audience],
    ...Object.entries(parameters),
  ] as const;
  return new RefreshedToken(async (platform) =>
    requestToken(platform, tokenUrl, asked, await clientOf(options), timeoutMs),
  );
}

export function scopeText(scope: string | readonly string[] | undefined): string | undefined {
  return scope === undefined || typeof scope === "string" ? scope : scope.join(" ");
}

export function checkTokenTimeout(timeoutMs = defaultTokenTimeoutMs): number {
  if (timeoutMs > 0) return timeoutMs;
  throw new TypeError(`timeoutMs is ${timeoutMs}: expected a number above 0`);
}
