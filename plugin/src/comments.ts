import type { DescMethod, DescService } from "@bufbuild/protobuf";
import { getComments } from "@bufbuild/protoplugin";
import { idempotencyName } from "./idempotency.js";
import { methodDefaults } from "./method-defaults.js";

/** Deprecated by itself, its service or its file; protoplugin's own JSDoc looks at the method alone. */
function isDeprecated(desc: DescMethod | DescService): boolean {
  const service = desc.kind === "rpc" ? desc.parent : desc;
  return desc.deprecated || service.deprecated || service.file.deprecated;
}

/** JSDoc of a service's declarations: the comments of the .proto, then tags. */
export function serviceDoc(service: DescService): string {
  return join([sourceText(service), tags(service)]);
}

/** JSDoc of a method on the client: the comments of the .proto, what its idempotency allows, how long it may take, then tags. */
export function clientMethodDoc(method: DescMethod): string {
  return join([sourceText(method), idempotencyNote(method), timeoutNote(method), tags(method)]);
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

function timeoutNote(method: DescMethod): string {
  const { timeoutMs } = methodDefaults(method);
  return timeoutMs === undefined ? "" : `Default timeout: ${timeoutMs} ms.`;
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
