import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { getComments } from "@bufbuild/protoplugin";
import { StatusCode } from "./gen/godwit/options_pb.js";
import { idempotencyName } from "./idempotency.js";
import { type MethodDefaults, methodDefaults, type Policy } from "./method-defaults.js";

/** Deprecated by itself, its service or its file; protoplugin's own JSDoc looks at the method alone. */
function isDeprecated(desc: DescMethod | DescService): boolean {
  const service = desc.kind === "rpc" ? desc.parent : desc;
  return desc.deprecated || service.deprecated || service.file.deprecated;
}

/** JSDoc of a service's declarations: the comments of the .proto, then tags. */
export function serviceDoc(service: DescService): string {
  return join([sourceText(service), tags(service)]);
}

/** JSDoc of a method on the client: the comments of the .proto, what its idempotency allows, what its options want by default, then tags. */
export function clientMethodDoc(method: DescMethod): string {
  const defaults = methodDefaults(method);
  const notes = [timeoutNote(defaults), attemptsNote(defaults)].filter((note) => note !== "").join("\n");
  return join([sourceText(method), idempotencyNote(method), notes, tags(method)]);
}

/** JSDoc of a method on the handlers: retries are not the handler's to decide. */
export function handlerMethodDoc(method: DescMethod): string {
  return join([sourceText(method), tags(method)]);
}

/** A JSDoc block on one line. */
export function shortDoc(text: string): string {
  return `/** ${escapeEnd(text)} */`;
}

/**
 * Comments that stand before a declaration but apart from it, as plain block comments: section headings, licences,
 * code that was commented out. Not JSDoc, so that no editor shows them as documentation.
 */
export function detachedComments(desc: DescMethod | DescService, indentation: string): string[] {
  return getComments(desc).leadingDetached.map((comment) => {
    const lines = trimLines(comment).map((line) => `${indentation} *${line === "" ? "" : ` ${escapeEnd(line)}`}\n`);
    return `${indentation}/*\n${lines.join("")}${indentation} */\n`;
  });
}

function sourceText(desc: DescMethod | DescService): string {
  const { leading, trailing } = getComments(desc);
  return join([leading, trailing].map((comment) => trimLines(comment ?? "").join("\n")));
}

function idempotencyNote(method: DescMethod): string {
  switch (idempotencyName(method)) {
    case "NO_SIDE_EFFECTS":
      return "NO_SIDE_EFFECTS: safe to retry and to hedge.";
    case "IDEMPOTENT":
      return "IDEMPOTENT: safe to retry.";
    default:
      return "";
  }
}

function timeoutNote({ timeoutMs }: MethodDefaults): string {
  return timeoutMs === undefined ? "" : `Default timeout: ${timeoutMs} ms.`;
}

/** What the options say of further attempts; what they leave out is the runtime's to know. */
function attemptsNote({ retry, hedging }: MethodDefaults): string {
  if (retry === false) return "At most once: sent again only where it is proved that the server has not seen the call.";
  if (retry !== undefined)
    return `Retried by default${attemptsOf(retry)}, after ${codesOf(retry.retryableStatusCodes)}.`;
  if (hedging === undefined) return "";
  return `Hedged by default${attemptsOf(hedging)}: another attempt starts where there is no answer within ${delayOf(hedging)}.`;
}

function attemptsOf({ maxAttempts }: Policy): string {
  return maxAttempts === undefined ? "" : `, ${maxAttempts} attempts at most`;
}

function codesOf(codes: unknown): string {
  if (!Array.isArray(codes)) return "UNAVAILABLE";
  const names = (codes as readonly StatusCode[]).map((code) => StatusCode[code]);
  return names.length === 1 ? String(names[0]) : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

function delayOf({ delayMs, delayPercentile = 0.95 }: Policy): string {
  if (delayMs !== undefined) return `${String(delayMs)} ms`;
  const percent = Number((Number(delayPercentile) * 100).toPrecision(6));
  return `the time of ${percent} % of the calls`;
}

function tags(desc: DescMethod | DescService): string {
  const generated = `@generated from ${desc.toString()}`;
  return isDeprecated(desc) ? `${generated}\n@deprecated` : generated;
}

/**
 * Lines of a comment without the space behind the comment marker (and the second star of a marker with two), and
 * without blank lines at either end.
 */
function trimLines(comment: string): string[] {
  const lines = comment
    .replace(/^\*(?=\s)/, "")
    .split("\n")
    .map((line) => line.replace(/^ /, "").trimEnd());
  while (lines[0] === "") lines.shift();
  while (lines.at(-1) === "") lines.pop();
  return lines;
}

function escapeEnd(line: string): string {
  return line.replaceAll("*/", "*\\/");
}

function join(sections: readonly string[]): string {
  return sections.filter((section) => section !== "").join("\n\n");
}
