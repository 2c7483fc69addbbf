/** What each error of the library means, in words that repeat nothing of the token. */
const problems: Readonly<Record<string, string>> = {
  ERR_JWT_EXPIRED: "has expired",
  ERR_JOSE_ALG_NOT_ALLOWED: "is signed in a way that is not allowed",
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: "has a signature that is not right",
  ERR_JWKS_NO_MATCHING_KEY: "is signed with a key that is not known",
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: "does not say which of several keys it is signed with",
};

const claims: Readonly<Record<string, string>> = {
  iss: "has another issuer than expected",
  aud: "is for another audience",
  nbf: "is not valid yet",
  iat: "is too old, or from the future",
  exp: "has no time of expiry that can be read",
  typ: "is a token of another type",
};

/** Why a token is not good, in one clause. @param error Of `jwtVerify`. Its own text may repeat what the token says. */
export function tokenProblem(error: unknown): string {
  const { code, claim } = error as { readonly code?: unknown; readonly claim?: unknown };
  if (code === "ERR_JWT_CLAIM_VALIDATION_FAILED") {
    return claims[String(claim)] ?? "lacks a claim that is asked for";
  }
  return problems[String(code)] ?? "is not a JSON Web Token that can be checked";
}

/** Whether newer keys may help. */
export function isUnknownKey(error: unknown): boolean {
  return (error as { readonly code?: unknown }).code === "ERR_JWKS_NO_MATCHING_KEY";
}
