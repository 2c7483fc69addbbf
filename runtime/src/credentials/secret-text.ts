/** Values behind `Bearer` and `Basic`, JSON web tokens, and what stands behind the names that OAuth 2 has for secrets. */
const patterns: readonly RegExp[] = [
  /\b(Bearer|Basic|DPoP)\s+[^\s"',;]+/gi,
  /()\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?/g,
  /\b((?:access|refresh|id|subject|actor)_token|client_(?:secret|assertion)|assertion|password)["']?\s*[=:]\s*["']?[^\s"'&,;]+/gi,
  // The word alone is found in prose, and in paths.
  /\b(token)(?:=|["']\s*:\s*)["']?[^\s"'&,;]+/gi,
];

/** A sentence of somebody else's, with `[redacted]` in the place of what looks like a secret. */
export function withoutSecrets(text: string): string {
  let shown = text;
  for (const pattern of patterns) {
    shown = shown.replace(pattern, (_match, name: string) => `${name}${name === "" ? "" : " "}[redacted]`);
  }
  return shown;
}
