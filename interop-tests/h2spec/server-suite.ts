/** h2spec: the cases for servers. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CaseResult, Outcome } from "./case-result.js";

/** Seconds that a case waits for a frame. One that passes waits for none; the time is for machines under load. */
const timeoutSeconds = 4;
/** The run as a whole: far above what the cases can need. */
const limitMs = 300_000;

/** A port of 127.0.0.1. */
export interface Target {
  readonly port: number;
  /** Whether it speaks TLS, with whatever certificate. */
  readonly tls: boolean;
}

/** Runs all cases, strict ones included, or only those of `ids`. */
export async function runServerSuite(
  h2spec: string,
  target: Target,
  ids: readonly string[] = [],
): Promise<CaseResult[]> {
  if (ids.length === 0) return runOnce(h2spec, target, []);
  // One by one: a report names sections and titles, not the place in the section.
  const results: CaseResult[] = [];
  for (const id of ids) for (const result of await runOnce(h2spec, target, [id])) results.push({ ...result, id });
  return results;
}

function runOnce(h2spec: string, { port, tls }: Target, sections: readonly string[]): Promise<CaseResult[]> {
  const folder = mkdtempSync(join(tmpdir(), "h2spec-"));
  const report = join(folder, "report.xml");
  const where = ["-h", "127.0.0.1", "-p", String(port), ...(tls ? ["--tls", "--insecure"] : [])];
  const args = ["--strict", ...where, "-o", String(timeoutSeconds), "-j", report];
  return new Promise((resolve, reject) => {
    execFile(h2spec, [...args, ...sections], { timeout: limitMs, maxBuffer: 1 << 26 }, (error, stdout) => {
      try {
        resolve(parseReport(readFileSync(report, "utf8")));
      } catch {
        reject(new Error(`h2spec ended without a report: ${error?.message ?? ""}\n${stdout.slice(-500)}`));
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  });
}

const caseElement = /<testcase package="([^"]*)" classname="([^"]*)"[^>]*>([\s\S]*?)<\/testcase>/g;

/** Reads h2spec's JUnit report. The place of a case in its section is the order in which it comes. */
export function parseReport(xml: string): CaseResult[] {
  const places = new Map<string, number>();
  return [...xml.matchAll(caseElement)].map(([, section = "", title = "", content = ""]) => {
    const place = (places.get(section) ?? 0) + 1;
    places.set(section, place);
    const [, detail] = /<(?:error|failure)>([\s\S]*?)<\/(?:error|failure)>/.exec(content) ?? [];
    const outcome: Outcome = content.includes("<skipped>") ? "skipped" : detail === undefined ? "passed" : "failed";
    return { id: `${section}/${place}`, title: unescapeXml(title), outcome, detail: describe(detail) };
  });
}

/** Lines of what was awaited; the last is what came. */
function describe(text: string | undefined): string {
  if (text === undefined) return "";
  const lines = unescapeXml(text).trim().split("\n");
  const came = lines.pop() ?? "";
  return lines.length === 0 ? came : `awaited ${lines.join(" or ")}, came ${came}`;
}

const entities: Readonly<Record<string, string>> = {
  "&lt;": "<",
  "&gt;": ">",
  "&amp;": "&",
  "&#34;": '"',
  "&#39;": "'",
};

function unescapeXml(text: string): string {
  return text.replace(/&(?:lt|gt|amp|#34|#39);/g, (entity) => entities[entity] ?? entity);
}
