import { type HttpResponse, secureUrlProblem, shownUrl } from "../../base/http.js";
import type { Platform } from "../../base/platform.js";
import { textOfThrown } from "../../base/text-of-thrown.js";
import { StatusCode } from "../../rpc/status-code.js";
import { StatusError } from "../../rpc/status-error.js";
import type { IssuedToken } from "../cached-token.js";
import { withoutSecrets } from "../secret-text.js";

/** Who asks for a token, and how that is proved to the endpoint. */
export interface ClientAuthentication {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly method: "basic" | "body";
}

/** What is sent, in order; undefined is left out. */
export type TokenParameters = readonly (readonly [name: string, value: string | undefined])[];

/** An issuer that is slower than this is down. */
export const defaultTokenTimeoutMs = 10_000;
/** An answer holds a token or two and a few words. */
const maxAnswerBytes = 256 * 1024;
/** Of a token that does not say how long it lives (RFC 6749 §5.1 only recommends it). */
const unknownLifetimeMs = 5 * 60_000;
const maxDescriptionLength = 200;
/** RFC 6749 §5.2, NQSCHAR of error codes. */
const errorCodePattern = /^[\x20-\x21\x23-\x5b\x5d-\x7e]{1,100}$/;

/** Throws TypeError for a URL that no secret may be sent to. */
export function checkTokenUrl(tokenUrl: unknown): asserts tokenUrl is string {
  const problem = typeof tokenUrl === "string" ? secureUrlProblem(tokenUrl) : "is no text";
  if (problem !== undefined) throw new TypeError(`tokenUrl ${problem}`);
}

/** Asks a token endpoint (RFC 6749 §4.4.2, RFC 8693 §2.1). Rejects with a StatusError that holds nothing of what was sent. */
export async function requestToken(
  platform: Platform,
  tokenUrl: string,
  parameters: TokenParameters,
  client: ClientAuthentication | undefined,
  timeoutMs: number,
): Promise<IssuedToken> {
  const body = new URLSearchParams();
  for (const [name, value] of parameters) if (value !== undefined) body.append(name, value);
  const headers: Record<string, string> = {
    "content-type": "application/x-www-form-urlencoded",
    accept: "application/json",
  };
  if (client?.method === "basic") headers.authorization = basic(client);
  if (client?.method === "body") {
    body.append("client_id", client.clientId);
    body.append("client_secret", client.clientSecret);
  }
  const request = {
    method: "POST",
    url: tokenUrl,
    headers,
    body: body.toString(),
    timeoutMs,
    maxBytes: maxAnswerBytes,
  } as const;
  const response = await platform.fetch(request).catch((cause: unknown) => {
    throw new StatusError(StatusCode.UNAVAILABLE, `no token: ${withoutSecrets(textOfThrown(cause))}`);
  });
  return readAnswer(response, shownUrl(tokenUrl));
}

/** RFC 6749 §2.3.1: both are form-encoded before they are joined. */
function basic({ clientId, clientSecret }: ClientAuthentication): string {
  const pair = `${formEncoded(clientId)}:${formEncoded(clientSecret)}`;
  return `Basic ${Buffer.from(pair, "utf8").toString("base64")}`;
}

function formEncoded(text: string): string {
  return new URLSearchParams({ "": text }).toString().slice(1);
}

function readAnswer({ status, body }: HttpResponse, endpoint: string): IssuedToken {
  const answer = parseJson(body);
  if (status !== 200) {
    const code = status === 429 || status >= 500 ? StatusCode.UNAVAILABLE : StatusCode.UNAUTHENTICATED;
    throw new StatusError(code, `no token: ${endpoint} answered ${status}${reasonIn(answer)}`);
  }
  const { access_token: token, token_type: type } = answer ?? {};
  if (typeof token !== "string" || token === "") throw malformed(endpoint, "an access_token");
  if (typeof type !== "string" || !/^(bearer|n_a)$/i.test(type)) throw malformed(endpoint, 'token_type "Bearer"');
  return { token, lifetimeMs: lifetimeIn(answer, endpoint) };
}

function lifetimeIn(answer: Readonly<Record<string, unknown>> | undefined, endpoint: string): number {
  const given = answer?.expires_in;
  if (given === undefined || given === null) return unknownLifetimeMs;
  // Some write it as text.
  const seconds = typeof given === "string" && given !== "" ? Number(given) : given;
  if (typeof seconds === "number" && seconds >= 0) return seconds * 1000;
  throw malformed(endpoint, "expires_in in seconds");
}

function malformed(endpoint: string, expected: string): StatusError {
  return new StatusError(StatusCode.UNAUTHENTICATED, `no token: the answer of ${endpoint} has not ${expected}`);
}

function parseJson(body: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(body));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** `: invalid_client, "no such client"` (RFC 6749 §5.2). What the endpoint says may repeat what it was told. */
function reasonIn(answer: Readonly<Record<string, unknown>> | undefined): string {
  const { error, error_description: description } = answer ?? {};
  if (typeof error !== "string" || !errorCodePattern.test(error)) return "";
  if (typeof description !== "string" || description === "") return `: ${error}`;
  return `: ${error}, ${JSON.stringify(withoutSecrets(description).slice(0, maxDescriptionLength))}`;
}
