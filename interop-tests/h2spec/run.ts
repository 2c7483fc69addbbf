/** `npm run h2spec`: h2spec and h2specd against the HTTP/2 core and against gRPC. `-- --control` adds others than ours. */
import { parseArgs } from "node:util";
import { type CaseResult, differences, replaced, score, unexpected } from "./case-result.js";
import { runClientSuite } from "./client-suite.js";
import { type Binaries, installSuite } from "./install.js";
import { runLaterCase } from "./later-case.js";
import { ServerProcess } from "./server-process.js";
import { runServerSuite } from "./server-suite.js";
import { controls, ours, type Subject } from "./subject.js";

/** Cases of h2spec --strict 2.2.1 and the one of later-case.ts; cases of h2specd. Fewer have run: something is amiss. */
const caseCounts = { server: 146 + 1, client: 57 } as const;

/** Runs all cases, or those of `ids`. */
type Suite = (ids?: readonly string[]) => Promise<CaseResult[]>;

/** A case that came out otherwise than expected gets a second chance, and is named. */
async function runTwice(suite: Suite, expected: Subject["expected"]): Promise<CaseResult[]> {
  const results = await suite();
  const ids = expected === undefined ? [] : unexpected(results, expected).map(({ id }) => id);
  if (ids.length === 0) return results;
  console.log(`  not as expected, run once more: ${ids.join(", ")}`);
  return replaced(results, await suite(ids));
}

async function runSubject(
  binaries: Binaries,
  { role, program, tls = false, expected }: Subject,
): Promise<[CaseResult[], string[]]> {
  if (role === "client") return [await runTwice((ids) => runClientSuite(binaries.h2specd, program, ids), expected), []];
  await using server = await ServerProcess.start(program);
  const target = { port: server.port, tls };
  const results = await runTwice((ids) => runServerSuite(binaries.h2spec, target, ids), expected);
  results.push(await runLaterCase(target));
  return [results, server.isRunning ? [] : ["the server's process has ended"]];
}

/** Prints what a subject reached. Whether that is what is expected of it. */
async function report(binaries: Binaries, subject: Subject): Promise<boolean> {
  const { name, role, expected } = subject;
  const [results, faults] = await runSubject(binaries, subject);
  const total = caseCounts[role];
  if (results.length !== total) faults.push(`${results.length} cases have run, expected ${total}`);
  if (expected !== undefined) faults.push(...differences(results, expected));
  const suite = role === "server" ? "h2spec" : "h2specd";
  const expectation = expected === undefined ? " (control)" : expected.length === 0 ? "" : ", as expected";
  const verdict = faults.length === 0 ? expectation : ", not as expected:";
  console.log(`${suite} of ${total}: ${name}, ${role}: ${score(results)}${verdict}`);
  for (const fault of faults) console.log(`  ${fault}`);
  if (expected === undefined)
    console.log(
      `  not passed: ${unexpected(results, [])
        .map(({ id }) => id)
        .join(", ")}`,
    );
  return faults.length === 0 || expected === undefined;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { control: { type: "boolean", default: false } } });
  const binaries = installSuite();
  let allExpected = true;
  for (const subject of values.control ? [...ours, ...controls] : ours) {
    if (!(await report(binaries, subject))) allExpected = false;
  }
  if (!allExpected) process.exitCode = 1;
}

try {
  await main();
} catch (error) {
  console.error(`h2spec: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
