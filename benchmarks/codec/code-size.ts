import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { transform } from "esbuild";

/** Bytes of JavaScript. */
export interface CodeSize {
  /** Without types and comments. */
  readonly raw: number;
  readonly minified: number;
  /** Of what is minified. */
  readonly gzip: number;
}

/** Of generated files, taken together. */
export async function codeSize(files: readonly string[]): Promise<CodeSize> {
  const texts = files.map((file) => readFileSync(file, "utf8"));
  const [plain, minified] = [await concatenated(texts, false), await concatenated(texts, true)];
  return { raw: plain.length, minified: minified.length, gzip: gzipSync(minified).length };
}

async function concatenated(texts: readonly string[], minify: boolean): Promise<Buffer> {
  const parts = await Promise.all(texts.map((text) => transform(text, { loader: "ts", target: "node20", minify })));
  return Buffer.from(parts.map(({ code }) => code).join(""));
}
