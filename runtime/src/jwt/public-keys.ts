import type { Parsed } from "../index.js";

/** A public key in JSON (RFC 7517 §4). */
export interface PublicKey {
  readonly kty: string;
  readonly [name: string]: unknown;
}

const maxKeys = 100;
/** Members of private and of symmetric keys (RFC 7518 §6.2.2, §6.3.2, §6.4). */
const secretMembers = ["d", "k", "p", "q", "dp", "dq", "qi", "oth", "priv"];

/**
 * Reads a JWK Set (RFC 7517 §5). Keys of kinds that are not known are left out, as it asks for; one that holds a secret makes
 * the whole not valid: somebody has published what nobody should have. Errors repeat nothing of a key.
 */
export function parseJwks(text: string): Parsed<readonly PublicKey[]> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return { error: "is not JSON: expected a JWK Set" };
  }
  const list: unknown = typeof json === "object" && json !== null ? (json as { keys?: unknown }).keys : undefined;
  if (!Array.isArray(list)) return { error: 'has no list "keys": expected a JWK Set' };
  if (list.length > maxKeys) return { error: `has ${list.length} keys, limit ${maxKeys}` };
  const keys: PublicKey[] = [];
  for (const [i, key] of list.entries()) {
    if (!isKey(key)) return { error: `has no key at keys[${i}]: expected an object with "kty"` };
    const secret = secretMembers.find((member) => Object.hasOwn(key, member));
    if (secret !== undefined)
      return { error: `has a secret key at keys[${i}], with "${secret}": expected public keys alone` };
    keys.push(key);
  }
  return keys.length === 0 ? { error: "has no key" } : { value: keys };
}

function isKey(json: unknown): json is PublicKey {
  return typeof json === "object" && json !== null && typeof (json as { kty?: unknown }).kty === "string";
}
