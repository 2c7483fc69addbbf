/** h2specd: the cases for clients. It listens on one port a case and starts the client anew for each. */
import { execFile } from "node:child_process";
import { basename, dirname } from "node:path";
import type { CaseResult } from "./case-result.js";
import { findFreePorts } from "./free-ports.js";

/** Seconds that a case waits for a frame: h2specd ends when a case has not after three, however slow the machine. */
const timeoutSeconds = 1;
const limitMs = 120_000;
/** How often a section is begun: a machine under load may take three seconds to start a client. */
const attemptsOfSection = 3;
/** Ports of the largest section, and some. */
const portsOfSection = 20;

/** Each is a run of its own: h2specd gives up at the first case that takes too long. The longest come first. */
const sections = ["5.1", "6.5", "4", "6.9", "6.10", "6.2", "6.7", "6.1", "6.4", "6.3", "6.8", "5.4", "5.5", "1"];
/** Sections at a time: h2specd keeps a client for a second behind each case. */
const workers = 4;

/** Runs all cases with a client program, which gets the URL to fetch as its argument, or only the sections of `ids`. */
export async function runClientSuite(
  h2specd: string,
  program: string,
  ids: readonly string[] = [],
): Promise<CaseResult[]> {
  const wanted = sections.filter((section) => ids.length === 0 || ids.some((id) => isIn(section, id)));
  const firstPort = await findFreePorts(wanted.length * portsOfSection);
  const results: CaseResult[] = [];
  const next = wanted.entries();
  const work = async (): Promise<void> => {
    for (const [index, section] of next) {
      results.push(...(await runSection(h2specd, program, section, firstPort + index * portsOfSection)));
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  return results;
}

function isIn(section: string, id: string): boolean {
  return id.startsWith(`client/${section}/`) || id.startsWith(`client/${section}.`);
}

/** A section that was cut short gets another chance, and is named. */
async function runSection(h2specd: string, program: string, section: string, port: number): Promise<CaseResult[]> {
  for (let attempt = 1; ; attempt++) {
    const output = await outputOf(h2specd, program, section, port);
    if (isComplete(output) || attempt === attemptsOfSection) return parseOutput(output);
    console.log(`  section ${section} was cut short, run once more: ${output.trim().split("\n").at(-1)}`);
  }
}

function outputOf(h2specd: string, program: string, section: string, port: number): Promise<string> {
  // h2specd cuts the command at each space, so there is no path in it.
  const command = `node ${basename(program)}`;
  const args = ["-h", "127.0.0.1", "-f", String(port), "-o", String(timeoutSeconds), "--exec", command];
  const options = {
    cwd: dirname(program),
    env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}` },
    timeout: limitMs,
    maxBuffer: 1 << 28,
  };
  return new Promise((resolve) => {
    execFile(h2specd, [...args, `client/${section}`], options, (error, stdout) => {
      resolve(isComplete(stdout) ? stdout : `${stdout}\n${error?.message.trim() ?? ""}`);
    });
  });
}

/** The sum is the last that h2specd says of cases. */
function isComplete(output: string): boolean {
  return /^\d+ tests, /m.test(output);
}

/** Reads what h2specd prints, as far as it came: cases that are not in it did not run. */
export function parseOutput(output: string): CaseResult[] {
  const results: CaseResult[] = [];
  let section = "";
  for (const line of output.split(/[\r\n]+/)) {
    // From here on it says everything again.
    if (/^Failures:/.test(line)) break;
    section = /^\s*(\d+(?:\.\d+)*)\. /.exec(line)?.[1] ?? section;
    const [, mark, place, title = ""] = /^\s*([✔×]?) ?(\d+): (.*)$/.exec(line) ?? [];
    if (place !== undefined) {
      const outcome = mark === "✔" ? "passed" : mark === "×" ? "failed" : "skipped";
      results.push({ id: `client/${section}/${place}`, title, outcome, detail: "" });
    }
    const [, came] = /^\s*(?:Actual|Error): (.*)$/.exec(line) ?? [];
    const last = results.at(-1);
    if (came !== undefined && last?.outcome === "failed") results.splice(-1, 1, { ...last, detail: `came ${came}` });
  }
  return results;
}
