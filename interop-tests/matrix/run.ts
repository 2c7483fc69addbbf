/** `npm run interop`: every official case between us and other implementations, both ways, over each transport. */
import process from "node:process";
import { parseArgs } from "node:util";
import { caseNames, isCaseName } from "../official/all-cases.js";
import { allPeers } from "../peers/all-peers.js";
import type { Cell } from "./cell.js";
import { writePage } from "./page.js";
import type { InstalledPeer, Peer } from "./peer.js";
import { PeerRun } from "./run-peer.js";
import { captions, markdownTable, Reasons, summary } from "./tables.js";
import { type Transport, transports, writeCertificates } from "./transport.js";

const { values } = parseArgs({
  options: {
    peer: { type: "string", multiple: true },
    case: { type: "string", multiple: true },
    transport: { type: "string", multiple: true },
    quick: { type: "boolean", default: false },
    all: { type: "boolean", default: false },
    install: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const help = `npm run interop -- [options]
  --peer NAME       only this peer, may be repeated: ${allPeers.map(({ name }) => name).join(", ")}
  --case NAME       only this case, may be repeated
  --transport NAME  only this one, may be repeated: ${transports.join(", ")}
  --quick           without the long cases, soaks of ten iterations
  --all             a peer that cannot be installed is a failure, and not skipped
  --install         installs the peers and runs nothing
  --write           writes docs/interop.md; not beside --peer, --case, --transport and --quick
`;

/** What the command line asks for does not exist. */
class UsageError extends Error {}

/** Cases of seconds. */
const long = ["concurrent_large_unary", "simultaneous_timeouts", "orca_oob"];

interface Report {
  readonly cells: Cell[];
  readonly versions: Map<string, string>;
  readonly missing: string[];
}

async function main(): Promise<number> {
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const peers = allPeers.filter(({ name }) => values.peer?.includes(name) ?? true);
  const names = caseNames.filter((name) => values.case?.includes(name) ?? !(values.quick && long.includes(name)));
  const ways = transports.filter((transport) => values.transport?.includes(transport) ?? true);
  checkNames("peer", values.peer, (name) => allPeers.some((peer) => peer.name === name));
  checkNames("case", values.case, isCaseName);
  checkNames("transport", values.transport, (name) => transports.includes(name as Transport));
  if (values.write && (values.quick || (values.peer ?? values.case ?? values.transport) !== undefined)) {
    throw new UsageError("--write wants the whole matrix: without --peer, --case, --transport and --quick");
  }
  const files = writeCertificates();
  const report: Report = { cells: [], versions: new Map(), missing: [] };
  for (const peer of peers) {
    const started = performance.now();
    const installed = await install(peer, report);
    if (installed === undefined) continue;
    report.versions.set(peer.name, installed.version);
    const seconds = (): string => `${((performance.now() - started) / 1000).toFixed(1)} s`;
    say(`${peer.name} ${installed.version}: ready after ${seconds()}`);
    if (values.install) continue;
    const options = { cases: names, files, soakIterations: values.quick ? 10 : 100, onCell: collect(report) };
    const run = new PeerRun(peer, installed, options);
    for (const transport of ways) await runTransport(run, peer, transport, report);
    say(`${peer.name}: ${seconds()} in all\n`);
  }
  return values.install ? Number(values.all && report.missing.length > 0) : conclude(report, ways);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function checkNames(flag: string, given: readonly string[] | undefined, isKnown: (name: string) => boolean): void {
  const unknown = given?.find((name) => !isKnown(name));
  if (unknown !== undefined) throw new UsageError(`--${flag} ${unknown}: there is no such ${flag}; see --help`);
}

async function install(peer: Peer, report: Report): Promise<InstalledPeer | undefined> {
  try {
    return await peer.install();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    report.missing.push(peer.name);
    say(`\n!!! ${peer.name} IS SKIPPED, it needs ${peer.needs}: ${reason}\n`);
    return undefined;
  }
}

function collect({ cells }: Report): (cell: Cell) => void {
  return (cell) => {
    cells.push(cell);
    if (cell.outcome.kind !== "failed") return;
    const { peer, transport, direction, name, outcome } = cell;
    const sides = direction === "ours" ? `our client, ${peer}'s server` : `${peer}'s client, our server`;
    say(`  FAILED ${name} over ${transport}, ${sides}: ${outcome.reason}`);
  };
}

async function runTransport(run: PeerRun, peer: Peer, transport: Transport, { cells }: Report): Promise<void> {
  const side = async (title: string, act: () => Promise<void>): Promise<void> => {
    const before = cells.length;
    const started = performance.now();
    await act();
    const took = ((performance.now() - started) / 1000).toFixed(1);
    const own = cells.slice(before);
    const slow = own.filter(({ ms }) => ms > 2_000).map(({ name, ms }) => `${name} ${(ms / 1000).toFixed(1)} s`);
    say(
      `  ${transport.padEnd(5)}${title}: ${summary(own)}, ${took} s${slow.length === 0 ? "" : ` (${slow.join(", ")})`}`,
    );
  };
  await side(`our client, ${peer.name}'s server`, () => run.callTheirs(transport));
  await side(`${peer.name}'s client, our server`, () => run.serveTheirs(transport));
}

function conclude(report: Report, ways: readonly Transport[]): number {
  const { cells, missing } = report;
  const reasons = new Reasons();
  for (const transport of ways) say(`${captions[transport]}\n\n${markdownTable(cells, transport, reasons)}\n`);
  for (const [i, reason] of reasons.list.entries()) say(`(${i + 1}) ${reason}`);
  const failed = cells.filter(({ outcome }) => outcome.kind === "failed");
  say(`\n${summary(cells)}${missing.length === 0 ? "" : `; SKIPPED: ${missing.join(", ")}`}`);
  if (values.write) writePage(cells, report.versions);
  if (cells.length === 0) say("nothing was run");
  return failed.length > 0 || cells.length === 0 || (values.all && missing.length > 0) ? 1 : 0;
}

try {
  process.exit(await main());
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exit(2);
}
