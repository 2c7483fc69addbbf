import { type Metadata, StatusCode, StatusError } from "../index.js";

/** Three parts in base64url (RFC 7515 §3.1). */
const bearerPattern = /^bearer +([\w-]+\.[\w-]+\.[\w-]+)$/i;

/** The token of `authorization: Bearer …` (RFC 6750 §2.1). Throws a StatusError that repeats nothing of what came. */
export function bearerToken(metadata: Metadata, maxLength: number): string {
  const values = metadata.getAll("authorization");
  const [value] = values;
  if (typeof value !== "string") throw unauthenticated("authorization is missing: expected a bearer token");
  if (values.length > 1) throw unauthenticated(`there are ${values.length} authorization fields, expected one`);
  if (value.length > maxLength + "Bearer ".length) {
    throw unauthenticated(`authorization is ${value.length} characters long, limit ${maxLength} (maxTokenLength)`);
  }
  const token = bearerPattern.exec(value)?.[1];
  if (token === undefined) throw unauthenticated("authorization is no bearer token of three parts, a JSON Web Token");
  return token;
}

export function unauthenticated(message: string): StatusError {
  return new StatusError(StatusCode.UNAUTHENTICATED, message);
}
