/** Draws the charts of a recorded run: `run.js FILE.json [--out FOLDER]`. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { chartsOf } from "./charts.js";
import { parseRecord } from "./record.js";

const usage = `node benchmarks/build/plot/run.js FILE [--out FOLDER]
  FILE          what npm run bench -- --json FILE wrote, or npm run bench:memory
  --out FOLDER  for the charts (default docs/images)`;

function main(args: string[]): void {
  try {
    const { values, positionals } = parseArgs({ args, options: { out: { type: "string" } }, allowPositionals: true });
    const [file] = positionals;
    if (file === undefined || positionals.length > 1)
      throw new Error(`${positionals.length} files are given, expected 1`);
    draw(file, values.out ?? "docs/images");
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
    process.exitCode = 2;
  }
}

function draw(file: string, folder: string): void {
  const charts = chartsOf(parseRecord(readFileSync(file, "utf8")));
  if (charts.length === 0) throw new Error(`${file} has no row of which there is a chart`);
  mkdirSync(folder, { recursive: true });
  for (const { file: name, svg } of charts) {
    writeFileSync(join(folder, name), svg);
    console.log(`${join(folder, name)}, ${(svg.length / 1024).toFixed(1)} KiB`);
  }
}

main(process.argv.slice(2));
