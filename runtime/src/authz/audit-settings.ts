import type { Parsed } from "../base/parsed.js";
import { textOfThrown } from "../base/text-of-thrown.js";
import { parseBoolean } from "../service-config/boolean.js";
import type { ConfigReader } from "../service-config/config-reader.js";
import { isObject, type JsonObject, show } from "../service-config/json.js";
import type { AuditLogger, AuditLoggerFactory } from "./audit-logger.js";
import { AuditTrail, type NamedLogger } from "./audit-trail.js";
import type { AuditCondition } from "./policy-init.js";

/** What policies may name, and where their loggers' troubles are told. */
export interface AuditSettings {
  readonly factories: ReadonlyMap<string, AuditLoggerFactory>;
  warn(message: string): void;
}

const conditions: ReadonlySet<unknown> = new Set<AuditCondition>(["NONE", "ON_DENY", "ON_ALLOW", "ON_DENY_AND_ALLOW"]);

interface LoggerConfig {
  readonly path: string;
  readonly name: string;
  readonly config: JsonObject;
  readonly isOptional: boolean;
  readonly factory: AuditLoggerFactory;
}

/** Reads `audit_logging_options` (gRFC A59). What it returns makes the loggers, and is for a policy that is valid otherwise. */
export function readAudit(policy: ConfigReader, settings: AuditSettings): () => Parsed<AuditTrail> {
  const reader = policy.object("audit_logging_options", ["audit_condition", "audit_loggers"]);
  const condition = reader?.read("audit_condition", parseCondition) ?? "NONE";
  const fields = ["name", "config", "is_optional"];
  const configs = reader?.objects("audit_loggers", fields, " of loggers").map((one) => readLogger(one, settings)) ?? [];
  return () =>
    createTrail(
      condition,
      configs.filter((config) => config !== undefined),
      settings,
    );
}

function parseCondition(json: unknown): Parsed<AuditCondition> {
  if (conditions.has(json)) return { value: json as AuditCondition };
  return { error: `is ${show(json)}: expected one of ${[...conditions].join(", ")}` };
}

/** Undefined for one that is to be left out. */
function readLogger(reader: ConfigReader, { factories }: AuditSettings): LoggerConfig | undefined {
  const name = reader.require("name", parseLoggerName);
  const config = reader.read("config", parseConfig) ?? {};
  const isOptional = reader.read("is_optional", parseBoolean) ?? false;
  if (name === undefined) return undefined;
  const factory = factories.get(name);
  if (factory !== undefined) return { path: reader.path, name, config, isOptional, factory };
  if (!isOptional) {
    reader.find("name", `is ${show(name)}, which nobody has registered: there are ${[...factories.keys()].join(", ")}`);
  }
  return undefined;
}

function parseLoggerName(json: unknown): Parsed<string> {
  if (typeof json === "string" && json !== "") return { value: json };
  return { error: `is ${show(json)}: expected the name of a logger` };
}

function parseConfig(json: unknown): Parsed<JsonObject> {
  return isObject(json) ? { value: json } : { error: `is ${show(json)}: expected an object` };
}

/** All loggers, or the first error, and no logger then. */
function createTrail(
  condition: AuditCondition,
  configs: readonly LoggerConfig[],
  settings: AuditSettings,
): Parsed<AuditTrail> {
  const loggers: NamedLogger[] = [];
  const trail = new AuditTrail(condition, loggers, (message) => settings.warn(message));
  for (const { path, name, config, isOptional, factory } of configs) {
    const created = create(factory, config);
    if ("value" in created) {
      loggers.push({ name, logger: created.value });
    } else if (!isOptional) {
      trail.close();
      return { error: `${path}.config is not valid for ${show(name)}: ${created.error}` };
    }
  }
  return { value: trail };
}

function create(factory: AuditLoggerFactory, config: JsonObject): Parsed<AuditLogger> {
  try {
    return factory.create(config);
  } catch (error) {
    return { error: textOfThrown(error) };
  }
}
