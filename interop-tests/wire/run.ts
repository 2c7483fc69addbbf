/**
 * `npm run wire [-- [--evidence] COMMAND…]`: runs the command, or calls of our own, with all that goes over the wire captured, and has
 * Wireshark's dissectors read it. They must find nothing malformed. Needs tshark, and root for a network of its own. With
 * --evidence what was found goes to docs/evidence/wire.json.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { buildGoServer } from "../grpc-go/go-server.js";
import { buildGoClient, builtGoClient } from "../grpc-go/install.js";
import { capture } from "./capture.js";
import { type Dissection, dissect } from "./dissect.js";

const { writeEvidence } = (await import(
  new URL("../../../runtime/build/test/support/evidence.js", import.meta.url).href
)) as typeof import("../../runtime/test/support/evidence.js");

/** Frames that calls of our own have to bring about. */
const frames = {
  DATA: 0,
  HEADERS: 1,
  RST_STREAM: 3,
  SETTINGS: 4,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
};
const secured = "tls && http2";
const filters = ["http2", "grpc", secured, ...Object.values(frames).map((type) => `http2.type==${type}`)];

function skip(reason: string): never {
  console.error(`wire is SKIPPED: ${reason}`);
  process.exit(process.env["GODWIT_CI_STRICT"] === "1" ? 1 : 0);
}

function ourCalls(): readonly string[] {
  try {
    buildGoClient();
    process.env["GODWIT_GO_CLIENT"] = builtGoClient();
    process.env["GODWIT_GO_SERVER"] = buildGoServer();
  } catch (error) {
    console.error(`grpc-go is SKIPPED: ${(error as Error).message}`);
    if (process.env["GODWIT_CI_STRICT"] === "1") process.exitCode = 1;
  }
  return [process.execPath, fileURLToPath(new URL("calls.js", import.meta.url))];
}

if (process.getuid?.() !== 0) skip("only root may capture packets");
for (const tool of ["tshark", "dumpcap", "unshare", "nsenter", "ip"]) {
  if (spawnSync(tool, ["--version"]).error !== undefined) skip(`there is no ${tool} (Debian: tshark, iproute2)`);
}
interface Finding extends Dissection {
  readonly code: number;
  readonly mebibytes: string;
}

async function find(command: readonly string[]): Promise<Finding> {
  const folder = mkdtempSync(join(tmpdir(), "godwit-wire-"));
  const files = { packets: join(folder, "packets.pcapng"), keys: join(folder, "keys.txt") };
  try {
    const code = await capture(files, command);
    return { ...dissect(files, filters), code, mebibytes: (statSync(files.packets).size / 2 ** 20).toFixed(1) };
  } finally {
    if (process.env["GODWIT_WIRE_KEEP"] === "1") console.log(`the packets are in ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  }
}

/** Whether all is well, having said what there is to say. */
function report({ code, mebibytes, remarks, counts, tlsPorts }: Finding, isOurs: boolean): boolean {
  const packets = `${counts.get("http2")} packets with HTTP/2, ${counts.get("grpc")} with gRPC`;
  console.log(`${mebibytes} MiB captured: ${packets}, ${counts.get(secured)} of HTTP/2 within TLS`);
  const faults = code === 0 ? [] : [`the command ended with ${code}`];
  for (const [name, type] of Object.entries(frames)) {
    const count = counts.get(`http2.type==${type}`) ?? 0;
    console.log(`  ${name}: ${count}`);
    if (count === 0 && isOurs) faults.push(`no ${name} was seen: the capture does not show what it should`);
  }
  if (tlsPorts.length > 0 && counts.get(secured) === 0) faults.push("TLS was seen, and could not be read");
  for (const { severity, count, protocol, summary } of remarks) {
    faults.push(`${severity}: ${count} × ${protocol}: ${summary}`);
  }
  for (const fault of faults) console.error(fault);
  if (remarks.length === 0) console.log("tshark finds nothing malformed, and warns of nothing");
  return faults.length === 0;
}

const isEvidence = process.argv[2] === "--evidence";
const given = process.argv.slice(isEvidence ? 3 : 2);
const finding = await find(given.length > 0 ? given : ourCalls());
if (!report(finding, given.length === 0)) process.exitCode = 1;
if (isEvidence) {
  const { code, mebibytes, counts, remarks, tlsPorts } = finding;
  const command = `npm run wire -- --evidence ${given.join(" ")}`.trim();
  const packets = Object.fromEntries(counts);
  const results = { exitCode: code, mebibytes: Number(mebibytes), tlsPorts: tlsPorts.length, packets, remarks };
  writeEvidence("wire", { what: "packets of a run, read by Wireshark's dissectors", command }, results);
}
if (given.length === 0) {
  const { remarks } = await find([process.execPath, fileURLToPath(new URL("planted.js", import.meta.url))]);
  const isFound = remarks.some(({ protocol }) => protocol === "HTTP2");
  console.log(isFound ? "a planted fault was found" : "a planted fault was NOT found");
  if (!isFound) process.exitCode = 1;
}
