/**
 * Whether one of several patterns matches a value (gRFC A43): `x` exactly, `x*` its beginning, `*x` its end, `*` any that is
 * not empty. A star elsewhere is a star.
 */
export class ValueMatcher {
  readonly #exact = new Set<string>();
  readonly #prefixes: string[] = [];
  readonly #suffixes: string[] = [];
  #matchesAny = false;

  constructor(patterns: readonly string[]) {
    for (const pattern of patterns) this.#add(pattern);
  }

  matches(value: string): boolean {
    if (this.#exact.has(value)) return true;
    if (this.#matchesAny && value !== "") return true;
    for (const prefix of this.#prefixes) if (value.startsWith(prefix)) return true;
    for (const suffix of this.#suffixes) if (value.endsWith(suffix)) return true;
    return false;
  }

  #add(pattern: string): void {
    if (pattern === "*") this.#matchesAny = true;
    else if (pattern.endsWith("*")) this.#prefixes.push(pattern.slice(0, -1));
    else if (pattern.startsWith("*")) this.#suffixes.push(pattern.slice(1));
    else this.#exact.add(pattern);
  }
}
