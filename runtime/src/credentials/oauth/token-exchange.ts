import { checkNames } from "../../base/option-group.js";
import type { Platform } from "../../base/platform.js";
import type { CallCredentials } from "../../rpc/call-credentials.js";
import { RefreshedToken } from "../bearer-token.js";
import { readTokenText } from "../token-file.js";
import { checkTokenTimeout, scopeText } from "./client-credentials.js";
import { checkClient, clientOf, type TokenClientOptions } from "./token-client.js";
import { checkTokenUrl, requestToken, type TokenParameters } from "./token-endpoint.js";

/** A token, what gives it, or the file that it is in; asked before each exchange. */
export type TokenSource = string | (() => string | Promise<string>) | { readonly file: string };

/** What is exchanged for what (RFC 8693 §2.1). (grpc-core: StsCredentialsOptions) */
export interface TokenExchangeOptions extends TokenClientOptions {
  /** The token endpoint: https, or http on a loopback address. */
  readonly tokenUrl: string;
  /** Who the calls are made for. */
  readonly subjectToken: TokenSource;
  /** Default `urn:ietf:params:oauth:token-type:jwt`. */
  readonly subjectTokenType?: string | undefined;
  /** Who acts for them. Default: nobody. */
  readonly actorToken?: TokenSource | undefined;
  /** Default `urn:ietf:params:oauth:token-type:jwt`. */
  readonly actorTokenType?: string | undefined;
  /** Where the new token is to be used. Default: not sent. */
  readonly audience?: string | undefined;
  /** The same as a URI. Default: not sent. */
  readonly resource?: string | undefined;
  /** Separated by spaces, or as a list. Default: what the endpoint gives. */
  readonly scope?: string | readonly string[] | undefined;
  /** Default `urn:ietf:params:oauth:token-type:access_token`. */
  readonly requestedTokenType?: string | undefined;
  /** Milliseconds that the endpoint has to answer. Default 10,000. Above 0. */
  readonly timeoutMs?: number | undefined;
}

const grantType = "urn:ietf:params:oauth:grant-type:token-exchange";
const jwtType = "urn:ietf:params:oauth:token-type:jwt";
const accessTokenType = "urn:ietf:params:oauth:token-type:access_token";

/**
 * Exchanges a token for another one (RFC 8693, STS), and sends that as `authorization: Bearer …`. It is kept until shortly
 * before it expires and renewed before that, by one request at a time.
 */
export function tokenExchange(options: TokenExchangeOptions): CallCredentials {
  checkNames(options, {
    tokenUrl: true,
    subjectToken: true,
    subjectTokenType: true,
    actorToken: true,
    actorTokenType: true,
    audience: true,
    resource: true,
    scope: true,
    requestedTokenType: true,
    clientId: true,
    clientSecret: true,
    clientAuthentication: true,
    timeoutMs: true,
  });
  const { tokenUrl } = options;
  checkTokenUrl(tokenUrl);
  checkSource("subjectToken", options.subjectToken);
  if (options.actorToken !== undefined) checkSource("actorToken", options.actorToken);
  checkClient(options);
  const timeoutMs = checkTokenTimeout(options.timeoutMs);
  return new RefreshedToken(async (platform) =>
    requestToken(platform, tokenUrl, await parametersOf(options, platform), await clientOf(options), timeoutMs),
  );
}

async function parametersOf(options: TokenExchangeOptions, platform: Platform): Promise<TokenParameters> {
  const { actorToken, resource, audience, scope } = options;
  const actor = actorToken === undefined ? undefined : await tokenOf("actorToken", actorToken, platform);
  return [
    ["grant_type", grantType],
    ["resource", resource],
    ["audience", audience],
    ["scope", scopeText(scope)],
    ["requested_token_type", options.requestedTokenType ?? accessTokenType],
    ["subject_token", await tokenOf("subjectToken", options.subjectToken, platform)],
    ["subject_token_type", options.subjectTokenType ?? jwtType],
    ["actor_token", actor],
    ["actor_token_type", actor === undefined ? undefined : (options.actorTokenType ?? jwtType)],
  ];
}

function checkSource(name: string, source: TokenSource): void {
  if (typeof source === "function" || (typeof source === "string" && source !== "")) return;
  const file: unknown = (source as { readonly file?: unknown } | null | undefined)?.file;
  if (typeof file === "string" && file !== "") return;
  throw new TypeError(`${name} is none: expected a text, a function or { file: path }`);
}

async function tokenOf(name: string, source: TokenSource, platform: Platform): Promise<string> {
  if (typeof source === "object") return readTokenText(platform, source.file);
  const token = typeof source === "function" ? await source() : source;
  if (typeof token === "string" && token !== "") return token;
  throw new TypeError(`${name} gave no text`);
}
