import {
  type AccessToken,
  type CallCredentials,
  type CallCredentialsContext,
  type Platform,
  refreshedToken,
} from "../index.js";
import { loadJose } from "./load-jose.js";
import { readPrivateKey } from "./private-key.js";
import type { PrivateKeySource } from "./private-key-source.js";

/** What a token says of its sender, and what it is signed with. */
export interface SignedJwtOptions {
  /** The key: PKCS#8 in PEM, a JWK or a service account's JSON, as text or as `{ file }`, which is read anew for each token. */
  readonly key: PrivateKeySource;
  /** Default `RS256`; `ES256` and the others that jose knows for private keys. */
  readonly algorithm?: string | undefined;
  /** `kid` of the header. Default: what the key's JSON says, or none. */
  readonly keyId?: string | undefined;
  /** `iss`. Default: `client_email` of a service account's JSON. */
  readonly issuer?: string | undefined;
  /** `sub`. Default: the issuer. */
  readonly subject?: string | undefined;
  /** `aud`. Default: the URL of the service that is called, `https://authority/package.Service`, with a token for each. */
  readonly audience?: string | undefined;
  /** Milliseconds from `iat` to `exp`. Default 3,600,000. Above 0. */
  readonly lifetimeMs?: number | undefined;
  /** Further claims. Default: none. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
}

const defaultLifetimeMs = 3_600_000;
/** Services that one channel calls; those beyond it are signed for again and again. */
const maxAudiences = 100;

/**
 * Signs tokens with a private key and sends them as `authorization: Bearer …`: no endpoint is asked (RFC 7523 §3; gRPC's
 * JWT access of service accounts). A token is kept until shortly before it expires.
 */
export function signedJwt(options: SignedJwtOptions): CallCredentials {
  checkOptions(options);
  return new SignedJwt(options);
}

class SignedJwt implements CallCredentials {
  readonly #options: SignedJwtOptions;
  /** By audience, the oldest first. */
  readonly #tokens = new Map<string, CallCredentials>();

  constructor(options: SignedJwtOptions) {
    this.#options = options;
  }

  metadata(call: CallCredentialsContext): ReturnType<CallCredentials["metadata"]> {
    const audience = this.#options.audience ?? call.serviceUrl;
    let token = this.#tokens.get(audience);
    if (token === undefined) {
      token = refreshedToken((platform) => sign(this.#options, audience, platform));
      for (const oldest of this.#tokens.keys()) if (this.#tokens.size >= maxAudiences) this.#tokens.delete(oldest);
      this.#tokens.set(audience, token);
    }
    return token.metadata(call);
  }
}

async function sign(options: SignedJwtOptions, audience: string, platform: Platform): Promise<AccessToken> {
  const { algorithm = "RS256", lifetimeMs = defaultLifetimeMs } = options;
  const { key, keyId, account } = await readPrivateKey(options.key, algorithm, platform);
  const issuer = options.issuer ?? account;
  if (issuer === undefined)
    throw new Error("a signed JWT has no issuer: expected one in its options, or in the key's JSON");
  const { SignJWT } = await loadJose();
  const issuedAt = Math.floor(platform.wallClock() / 1000);
  const expiresAt = Math.floor((platform.wallClock() + lifetimeMs) / 1000);
  const claims = { ...options.claims, iss: issuer, sub: options.subject ?? issuer, aud: audience };
  const kid = options.keyId ?? keyId;
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: algorithm, typ: "JWT", ...(kid !== undefined && { kid }) })
    .setIssuedAt(issuedAt)
    .setExpirationTime(expiresAt)
    .sign(key);
  return { token, expiresAt: new Date(expiresAt * 1000) };
}

const optionNames: Readonly<Record<keyof SignedJwtOptions, true>> = {
  key: true,
  algorithm: true,
  keyId: true,
  issuer: true,
  subject: true,
  audience: true,
  lifetimeMs: true,
  claims: true,
};

/** Throws TypeError, which repeats nothing of a key. */
function checkOptions(options: SignedJwtOptions): void {
  if (typeof options !== "object" || options === null) throw new TypeError("options of a signed JWT are no object");
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(optionNames, name));
  if (unknown !== undefined) {
    throw new TypeError(`options.${unknown} does not exist; there are: ${Object.keys(optionNames).join(", ")}`);
  }
  const { key, algorithm, lifetimeMs } = options;
  const isKey = typeof key === "string" ? key !== "" : typeof key?.file === "string" && key.file !== "";
  if (!isKey) throw new TypeError("key of a signed JWT is none: expected a text or { file: path }");
  if (algorithm !== undefined && !/^(RS|ES|PS)(256|384|512)$|^EdDSA$|^Ed25519$/.test(algorithm)) {
    throw new TypeError(`algorithm is ${JSON.stringify(algorithm)}: expected RS256, ES256 or another for private keys`);
  }
  if (lifetimeMs !== undefined && !(lifetimeMs > 0)) {
    throw new TypeError(`lifetimeMs is ${lifetimeMs}: expected a number above 0`);
  }
  for (const name of ["keyId", "issuer", "subject", "audience"] as const) {
    const value: unknown = options[name];
    if (value !== undefined && (typeof value !== "string" || value === "")) throw new TypeError(`${name} is no text`);
  }
}
