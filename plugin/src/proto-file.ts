import { GenerationError } from "./generation-error.js";
import { stringLiteral } from "./string-literal.js";

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const forbidden = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\\]/;

/** What protoc lets through as a part of a package's name. */
const packagePattern = /^\w+(?:\.\w+)*$/;

/**
 * Throws unless the path of a .proto file can serve as the path of an output and as an import specifier, and its package
 * as text anywhere. The path is held to what protoc demands of one (no backslash, no empty, "." or ".." segment;
 * compiler/importer.cc), and may not be absolute, name a drive or hold a control character: a hand-made request does
 * not come through protoc.
 */
export function checkProtoFile(path: string, packageName: string): void {
  if (!isRelativePath(path)) {
    throw new GenerationError(
      `file path ${stringLiteral(path)} cannot be generated: expected a relative path with "/" between names and without ".", "..", "\\", a drive letter and control characters`,
    );
  }
  if (packageName !== "" && !packagePattern.test(packageName)) {
    throw new GenerationError(
      `${path}: package ${stringLiteral(packageName)} cannot be generated: expected identifiers with "." between them`,
    );
  }
}

function isRelativePath(path: string): boolean {
  if (forbidden.test(path) || /^[A-Za-z]:/.test(path)) return false;
  return path.split("/").every((segment) => segment !== "" && segment !== "." && segment !== "..");
}

/** Throws when two files would land in one output, on a file system that ignores case too. */
export function checkDistinct(paths: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const path of paths) {
    const folded = path
      .replace(/\.proto$/, "")
      .normalize("NFC")
      .toLowerCase();
    const other = seen.get(folded);
    if (other !== undefined) {
      throw new GenerationError(
        `files ${stringLiteral(other)} and ${stringLiteral(path)} would be written to one output on a file system that ignores case: rename one of them`,
      );
    }
    seen.set(folded, path);
  }
}
