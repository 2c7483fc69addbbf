import { StatusError } from "../rpc/status-error.js";

/** Values behind `Bearer` and `Basic`, JSON web tokens, and what stands behind the names that OAuth 2 has for secrets. */
const patterns: readonly RegExp[] = [
  /\b(Bearer|Basic|DPoP)\s+[^\s"',;]+/gi,
  /()\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?/g,
  /\b((?:access|refresh|id|subject|actor)_token|client_(?:secret|assertion)|assertion|password)["']?\s*[=:]\s*["']?[^\s"'&,;]+/gi,
  // The word alone is found in prose, and in paths.
  /\b(token)(?:=|["']\s*:\s*)["']?[^\s"'&,;]+/gi,
];

/** Characters of a sentence; a pattern may look at each of them once for each. */
const maxCharacters = 4096;

/** A sentence of somebody else's, cut where it is no sentence any more, with `[redacted]` in the place of what looks like a secret. */
export function withoutSecrets(text: string): string {
  let shown = text.length > maxCharacters ? `${text.slice(0, maxCharacters)}…` : text;
  for (const pattern of patterns) {
    shown = shown.replace(pattern, (_match, name: string) => `${name}${name === "" ? "" : " "}[redacted]`);
  }
  return shown;
}

/** Errors behind one another, and lists in them. */
const maxDepth = 8;

/**
 * What led to an error, or undefined where whoever prints it may print a secret: errors of HTTP clients hold their request with
 * its headers and its body, and errors behind an error have texts of their own.
 */
export function causeWithoutSecrets(cause: unknown): unknown {
  return isHarmless(cause, 0) ? cause : undefined;
}

function isHarmless(value: unknown, depth: number): boolean {
  if (typeof value === "string") return withoutSecrets(value) === value;
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return true;
  if (depth > maxDepth) return false;
  if (Array.isArray(value)) return value.every((item) => isHarmless(item, depth + 1));
  if (!(value instanceof Error)) return false;
  // Of its own fields, what metadata holds is not shown where it is secret.
  if (value instanceof StatusError)
    return [value.message, value.stack, value.cause].every((one) => isHarmless(one, depth + 1));
  // How the stack is kept differs between engines.
  return Reflect.ownKeys(value).every((key) => {
    const own = key === "stack" ? { value: value.stack } : Object.getOwnPropertyDescriptor(value, key);
    return own?.get === undefined && isHarmless(own?.value, depth + 1);
  });
}
