/** Where the public keys of an issuer are: a JWK Set (RFC 7517 §5). */
export type JwksSource =
  | {
      /** `https:`, or `http:` to a loopback address. It is asked on first use, and anew every `refreshMs`. */
      readonly url: string;
    }
  | {
      /** Path of a file. It is read on first use, and anew every `refreshMs`. */
      readonly file: string;
    }
  | {
      /** The keys themselves. */
      readonly keys: readonly Readonly<Record<string, unknown>>[];
    };

/** Which tokens are good, and where the keys are that they are signed with. */
export interface JwtAuthenticatorOptions {
  /** `iss` of a token has to be this, or one of these. */
  readonly issuer: string | readonly string[];
  /** `aud` of a token has to be, or hold, this or one of these. */
  readonly audience: string | readonly string[];
  readonly jwks: JwksSource;
  /** Signatures that are taken: RS, PS and ES with 256, 384 or 512, EdDSA and Ed25519. Default: all of these. Never `none` or a shared secret. */
  readonly algorithms?: readonly string[] | undefined;
  /** Milliseconds by which the issuer's clock may differ from ours. Default 30,000. */
  readonly clockToleranceMs?: number | undefined;
  /** Milliseconds since `iat` after which a token is too old, whatever its `exp`. Default: none; 0 or more. */
  readonly maxAgeMs?: number | undefined;
  /** `typ` that the token's header must have, such as `at+jwt` (RFC 9068). Default: any. */
  readonly type?: string | undefined;
  /** The claim that is the principal's name. Default `sub`. */
  readonly nameClaim?: string | undefined;
  /** Characters of a token. Default 8192. */
  readonly maxTokenLength?: number | undefined;
  /** Milliseconds after which the keys are asked for anew, beside the calls. Default 300,000 for a URL, 10,000 for a file. */
  readonly refreshMs?: number | undefined;
  /** Milliseconds for which the last good keys hold when no others can be had. Default 86,400,000; Infinity is no limit. */
  readonly maxKeyAgeMs?: number | undefined;
  /** Milliseconds between two questions for keys, whatever tokens name. Default 30,000 for a URL, 1000 for a file. */
  readonly cooldownMs?: number | undefined;
}

const optionNames: Readonly<Record<keyof JwtAuthenticatorOptions, true>> = {
  issuer: true,
  audience: true,
  jwks: true,
  algorithms: true,
  clockToleranceMs: true,
  maxAgeMs: true,
  type: true,
  nameClaim: true,
  maxTokenLength: true,
  refreshMs: true,
  maxKeyAgeMs: true,
  cooldownMs: true,
};

/** Signatures whose check does not need what makes them: with a shared secret, whoever checks a token could make one. */
export const asymmetricAlgorithms: readonly string[] = Object.freeze([
  ...["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"],
]);

/** Throws TypeError in one sentence. */
export function checkJwtOptions(options: JwtAuthenticatorOptions): void {
  if (typeof options !== "object" || options === null) throw new TypeError("options of jwtAuthenticator are no object");
  const unknown = Object.keys(options).find((name) => !Object.hasOwn(optionNames, name));
  if (unknown !== undefined) {
    throw new TypeError(`options.${unknown} does not exist; there are: ${Object.keys(optionNames).join(", ")}`);
  }
  checkTexts("issuer", options.issuer);
  checkTexts("audience", options.audience);
  checkAlgorithms(options.algorithms);
  for (const name of [
    "clockToleranceMs",
    "maxAgeMs",
    "maxTokenLength",
    "refreshMs",
    "maxKeyAgeMs",
    "cooldownMs",
  ] as const) {
    const value: unknown = options[name];
    if (value === undefined || (typeof value === "number" && value >= 0)) continue;
    throw new TypeError(`${name} is ${String(value)}: expected a number of 0 or more`);
  }
  for (const name of ["type", "nameClaim"] as const) {
    const value: unknown = options[name];
    if (value !== undefined && (typeof value !== "string" || value === "")) throw new TypeError(`${name} is no text`);
  }
}

function checkTexts(name: string, value: unknown): void {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (all.length > 0 && all.every((text) => typeof text === "string" && text !== "")) return;
  throw new TypeError(
    `${name} is ${JSON.stringify(value)}: expected a text or a list of texts, for any would do without it`,
  );
}

function checkAlgorithms(algorithms: unknown): void {
  if (algorithms === undefined) return;
  const all: readonly unknown[] = Array.isArray(algorithms) ? algorithms : [];
  const wrong = all.find((algorithm) => typeof algorithm !== "string" || !asymmetricAlgorithms.includes(algorithm));
  if (all.length > 0 && wrong === undefined) return;
  const observed = all.length === 0 ? JSON.stringify(algorithms) : `has ${JSON.stringify(wrong)}`;
  throw new TypeError(`algorithms ${observed}: expected a list of ${asymmetricAlgorithms.join(", ")}`);
}
