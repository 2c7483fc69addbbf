import type { ClientAuthentication } from "./token-endpoint.js";

/** Who asks a token endpoint (RFC 6749 §2.3). */
export interface TokenClientOptions {
  readonly clientId?: string | undefined;
  /** The secret, or what gives it: asked before each request, so that it may change. */
  readonly clientSecret?: string | (() => string | Promise<string>) | undefined;
  /** Whether they are sent in the `Authorization` header (RFC 7617) or among the parameters. Default `basic`. */
  readonly clientAuthentication?: "basic" | "body" | undefined;
}

/** Throws TypeError, which repeats no secret. */
export function checkClient({ clientId, clientSecret, clientAuthentication }: TokenClientOptions): void {
  if (clientId !== undefined && (typeof clientId !== "string" || clientId === "")) {
    throw new TypeError("clientId is no text");
  }
  if (clientAuthentication !== undefined && clientAuthentication !== "basic" && clientAuthentication !== "body") {
    throw new TypeError(`clientAuthentication is ${String(clientAuthentication)}: expected "basic" or "body"`);
  }
  const isSecret = typeof clientSecret === "function" || (typeof clientSecret === "string" && clientSecret !== "");
  if (clientId === undefined ? clientSecret !== undefined : !isSecret) {
    throw new TypeError("clientId and clientSecret belong together: expected a text and a text or a function");
  }
}

/** Undefined for a client that does not say who it is. */
export async function clientOf(options: TokenClientOptions): Promise<ClientAuthentication | undefined> {
  const { clientId, clientSecret, clientAuthentication: method = "basic" } = options;
  if (clientId === undefined || clientSecret === undefined) return undefined;
  const secret = typeof clientSecret === "function" ? await clientSecret() : clientSecret;
  if (typeof secret !== "string" || secret === "") throw new TypeError("clientSecret gave no text");
  return { clientId, clientSecret: secret, method };
}
