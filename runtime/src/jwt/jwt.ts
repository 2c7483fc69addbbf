/**
 * The entry `godwit/jwt`: JSON Web Tokens (RFC 7519) as callers' identities. It needs the package `jose`, an optional peer
 * dependency that is imported on first use.
 */

export type { JwtClaims } from "./claims.js";
export { jwtAuthenticator } from "./jwt-authenticator.js";
export type { JwksSource, JwtAuthenticatorOptions } from "./jwt-options.js";
export type { PrivateKeySource } from "./private-key-source.js";
export { type SignedJwtOptions, signedJwt } from "./signed-jwt.js";
