import type { Parsed } from "../base/parsed.js";
import { textOfThrown } from "../base/text-of-thrown.js";
import { ConfigReader } from "../service-config/config-reader.js";
import { show } from "../service-config/json.js";
import { isNestedTooDeep, maxNesting } from "../service-config/nesting.js";
import { type AuditSettings, readAudit } from "./audit-settings.js";
import { AuthorizationPolicy, type AuthorizationRule, type HeaderRule } from "./authorization-policy.js";
import { duplicateKey } from "./duplicate-key.js";
import { parseHeaderKey, parseHeaderValue } from "./header-rule.js";
import { ValueMatcher } from "./value-matcher.js";

/** What stands for the whole in sentences. */
const root = "policy";
const policyFields = ["name", "deny_rules", "allow_rules", "audit_logging_options"];
const ruleFields = ["name", "source", "request"];

/** Reads a policy (gRFC A43), strictly: what would have no effect makes it invalid. @param policy JSON text, or what it stands for. */
export function parsePolicy(policy: unknown, settings: AuditSettings): Parsed<AuthorizationPolicy> {
  const parsed = typeof policy === "string" ? parseJson(policy) : { value: policy };
  if ("error" in parsed) return parsed;
  // What is wrong is shown, which would go as deep as it does.
  if (isNestedTooDeep(parsed.value)) return { error: `${root} is nested more than ${maxNesting} levels deep` };
  const reader = ConfigReader.open(parsed.value, root, policyFields, "reject");
  const name = reader.require("name", parseName) ?? "";
  const deny = readRules(reader, "deny_rules");
  const allow = readRules(reader, "allow_rules");
  if (allow.length === 0)
    reader.find("allow_rules", "has no rule: expected one at least, for every call would be denied");
  const audit = readAudit(reader, settings);
  const finished = reader.finish(audit);
  if ("error" in finished) return finished;
  const trail = finished.value();
  return "error" in trail ? trail : { value: new AuthorizationPolicy(name, deny, allow, trail.value) };
}

function parseJson(text: string): Parsed<unknown> {
  try {
    const value: unknown = JSON.parse(text);
    const twice = duplicateKey(text, root);
    return twice === undefined ? { value } : { error: `${twice} is there twice: expected it once` };
  } catch (error) {
    return { error: `${root} is not JSON: ${textOfThrown(error)}` };
  }
}

function parseName(json: unknown): Parsed<string> {
  if (typeof json === "string" && json !== "") return { value: json };
  return { error: json === undefined ? "is missing: expected a text" : `is ${show(json)}: expected a text` };
}

function readRules(policy: ConfigReader, field: string): readonly AuthorizationRule[] {
  const names = new Set<string>();
  return policy.objects(field, ruleFields, " of rules").map((reader) => {
    const rule = readRule(reader);
    // Elsewhere the last of them holds and the others are gone.
    if (names.has(rule.name))
      reader.find("name", `is ${show(rule.name)}, as that of a rule before it: expected another`);
    names.add(rule.name);
    return rule;
  });
}

function readRule(reader: ConfigReader): AuthorizationRule {
  const name = reader.require("name", parseName) ?? "";
  const source = reader.object("source", ["principals"]);
  const request = reader.object("request", ["paths", "headers"]);
  return {
    name,
    principals: source && readMatcher(source, "principals"),
    paths: request && readMatcher(request, "paths", pathProblem),
    headers: request?.objects("headers", ["key", "values"], " of headers").map(readHeader) ?? [],
  };
}

/** Undefined for a list that is empty or absent: it does not restrict. */
function readMatcher(reader: ConfigReader, field: string, problemOf = noProblem): ValueMatcher | undefined {
  if (reader.field(field) === undefined) return undefined;
  const patterns = readTexts(reader, field);
  for (const [i, pattern] of patterns.entries()) {
    const problem = problemOf(pattern);
    if (problem !== undefined) reader.find(`${field}[${i}]`, problem);
  }
  return patterns.length === 0 ? undefined : new ValueMatcher(patterns);
}

function noProblem(_pattern: string): string | undefined {
  return undefined;
}

/** A rule that denies nothing because somebody forgot a slash would not be noticed. */
function pathProblem(pattern: string): string | undefined {
  if (pattern.startsWith("/") || pattern === "*") return undefined;
  if (pattern.startsWith("*") && !pattern.endsWith("*")) return undefined;
  return `is ${show(pattern)}, which no path matches: expected "/package.Service/Method", with a star at its end or its beginning at most`;
}

function readHeader(reader: ConfigReader): HeaderRule {
  const key = reader.require("key", parseHeaderKey) ?? "";
  const texts = readTexts(reader, "values");
  if (texts.length === 0) reader.find("values", "is empty: expected one value at least");
  const patterns = texts.map((text, i) => {
    const parsed = parseHeaderValue(key, text);
    if ("value" in parsed) return parsed.value;
    reader.find(`values[${i}]`, parsed.error);
    return "";
  });
  return { key, values: new ValueMatcher(patterns) };
}

function readTexts(reader: ConfigReader, field: string): readonly string[] {
  const json = reader.field(field);
  if (!Array.isArray(json)) {
    reader.find(field, `is ${show(json)}: expected a list of texts`);
    return [];
  }
  const wrong = json.findIndex((item) => typeof item !== "string");
  if (wrong >= 0) reader.find(`${field}[${wrong}]`, `is ${show(json[wrong])}: expected a text`);
  return wrong >= 0 ? [] : (json as string[]);
}
