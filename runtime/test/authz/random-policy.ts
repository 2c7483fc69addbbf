import type { AuthorizationPolicyInit, AuthorizationRuleInit } from "../../src/authz/policy-init.js";
import type { SketchedCall } from "./sketch-call.js";

/** Few names, so that rules and calls meet often. */
const paths = ["/a.S/M", "/a.S/N", "/a.T/M", "/b.S/M", "/b.S/secret"];
const pathPatterns = [...paths, "/a.S/*", "/a*", "/*", "*", "*/M", "*M", "*/secret", "*t", "/a.S/M*", "*/a.S/M"];
const principals = ["spiffe://x/a", "spiffe://x/b", "a.example", "CN=a", ""];
const principalPatterns = [...principals, "*", "spiffe://*", "*/a", "*a", "*.example", "**"];
const keys = ["role", "X-Role", "dev-path", "user-agent", "content-type", "t-bin"];
const values = ["admin", "user", "admin,user", "", "a", "/dev/x"];
const valuePatterns = [...values, "*", "admin*", "*user", "*n", "/dev/*", "**"];
const binaries = ["", "AA", "AAEC", "AA==", "/w"];
const binaryPatterns = ["", "AA", "AAEC", "*", "A*", "*C", "AA,*", "/w"];

/** Policies and calls from a seed. */
export class RandomPolicies {
  readonly #next: () => number;

  constructor(next: () => number) {
    this.#next = next;
  }

  policy(): AuthorizationPolicyInit {
    const deny = this.#list(0, 2, (i) => this.#rule(`deny-${i}`));
    const allow = this.#list(1, 3, (i) => this.#rule(`allow-${i}`));
    return { name: "random", ...(deny.length > 0 && { deny_rules: deny }), allow_rules: allow };
  }

  call(): SketchedCall {
    const path = this.#one(paths);
    const headers = this.#list(0, 4, () => this.#header());
    if (this.#chance(0.3)) return { path, headers };
    return { path, headers, principals: this.#list(0, 2, () => this.#one(principals)) };
  }

  #rule(name: string): AuthorizationRuleInit {
    const source = this.#chance(0.5) && {
      source: { principals: this.#list(0, 2, () => this.#one(principalPatterns)) },
    };
    const parts = {
      ...(this.#chance(0.6) && { paths: this.#list(0, 2, () => this.#one(pathPatterns)) }),
      ...(this.#chance(0.4) && { headers: this.#list(0, 2, () => this.#headerRule()) }),
    };
    return { name, ...source, ...(this.#chance(0.8) && { request: parts }) };
  }

  #headerRule(): { key: string; values: string[] } {
    const key = this.#one(keys);
    return { key, values: this.#list(1, 2, () => this.#one(key.endsWith("-bin") ? binaryPatterns : valuePatterns)) };
  }

  #header(): readonly [string, string] {
    const key = this.#one(keys).toLowerCase();
    return [key, this.#one(key.endsWith("-bin") ? binaries : values)];
  }

  #list<T>(least: number, most: number, make: (index: number) => T): T[] {
    const length = least + Math.trunc(this.#next() * (most - least + 1));
    return Array.from({ length }, (_, i) => make(i));
  }

  #one<T>(of: readonly T[]): T {
    return of[Math.trunc(this.#next() * of.length)] as T;
  }

  #chance(probability: number): boolean {
    return this.#next() < probability;
  }
}
