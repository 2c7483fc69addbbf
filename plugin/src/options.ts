import { GenerationError } from "./generation-error.js";
import type { LintOption } from "./lint.js";
import { stringLiteral } from "./string-literal.js";

/** Which messages get compiled codecs: those that services reach, every one, none. */
export type CodecOption = "rpc" | "all" | "none";

/** The options that are ours; protoplugin parses the ones that all ECMAScript plugins share. */
export interface PluginOptions {
  readonly codec: CodecOption;
  /** Package of the runtime; generated code imports `<runtime>/codegen/v1`. */
  readonly runtime: string;
  readonly lint: LintOption;
}

export const defaultOptions: PluginOptions = { codec: "rpc", runtime: "godwit", lint: "warn" };

interface OptionRule {
  /** How the option is written, as error messages and --help show it. */
  readonly usage: string;
  accepts(value: string): boolean;
}

const codecs: readonly string[] = ["rpc", "all", "none"] satisfies CodecOption[];
const lints: readonly string[] = ["warn", "error", "off"] satisfies LintOption[];

/** A package or subpath-import name, with or without scope and path: nothing that leaves a string literal or a folder. */
const packagePattern = /^(?:@[\w~-][\w.~-]*\/)?[\w~#-][\w.~-]*(?:\/[\w~-][\w.~-]*)*$/;

/** Every option there is. The values of the shared ones are those that protoplugin takes. */
const rules: ReadonlyMap<string, OptionRule> = new Map([
  ["target", { usage: "target=js|ts|dts (several joined by +)", accepts: isTargetList }],
  ["import_extension", oneOf("import_extension=none|js|ts", ["none", "js", "ts", "", ".js", ".ts"])],
  ["js_import_style", oneOf("js_import_style=module|legacy_commonjs", ["module", "legacy_commonjs"])],
  ["keep_empty_files", flag("keep_empty_files")],
  ["ts_nocheck", flag("ts_nocheck")],
  ["elide_plugin_version", flag("elide_plugin_version")],
  ["bootstrap_wkt", flag("bootstrap_wkt")],
  ["rewrite_imports", { usage: "rewrite_imports=<pattern>:<target>", accepts: (value) => value.includes(":") }],
  ["map_imports", { usage: "map_imports=<pattern>:<target>", accepts: (value) => /^[^:]+:./.test(value) }],
  ["codec", oneOf("codec=rpc|all|none", codecs)],
  ["runtime", { usage: "runtime=<package>", accepts: (value) => packagePattern.test(value) }],
  ["lint", oneOf("lint=warn|error|off", lints)],
]);

/** All options as they are written, in a fixed order. */
export const optionUsages: readonly string[] = Array.from(rules.values(), (rule) => rule.usage);

/**
 * Throws a GenerationError for an option that does not exist or has a value that it does not take. Runs before
 * protoplugin's own parser, whose messages do not say what would be right.
 */
export function checkParameter(parameter: string): void {
  if (parameter === "") return;
  for (const raw of parameter.split(",")) {
    const [key, value] = splitOption(raw);
    const rule = rules.get(key);
    if (rule?.accepts(value) === true) continue;
    const wrong = rule === undefined ? "is unknown" : `has a value that is not valid, expected ${rule.usage}`;
    throw new GenerationError(`option ${stringLiteral(raw)} ${wrong}; the options are ${optionUsages.join(", ")}`);
  }
}

/** Reads our own options out of a parameter that checkParameter has passed. The last of several wins. */
export function parseOptions(options: readonly { readonly key: string; readonly value: string }[]): PluginOptions {
  let { codec, runtime, lint } = defaultOptions;
  for (const { key, value } of options) {
    if (key === "codec") codec = value as CodecOption;
    else if (key === "runtime") runtime = value;
    else if (key === "lint") lint = value as LintOption;
  }
  return { codec, runtime, lint };
}

function splitOption(raw: string): [key: string, value: string] {
  const index = raw.indexOf("=");
  return index < 0 ? [raw, ""] : [raw.slice(0, index), raw.slice(index + 1)];
}

function isTargetList(value: string): boolean {
  return value.split("+").every((target) => target === "js" || target === "ts" || target === "dts");
}

function oneOf(usage: string, values: readonly string[]): OptionRule {
  return { usage, accepts: (value) => values.includes(value) };
}

function flag(key: string): OptionRule {
  return oneOf(`${key}=true|false`, ["true", "false", "1", "0"]);
}
