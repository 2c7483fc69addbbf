/** What tshark makes of captured packets. */
import { spawnSync } from "node:child_process";
import type { CaptureFiles } from "./capture.js";

/** A group of remarks of tshark's. */
export interface Remark {
  readonly severity: string;
  readonly count: number;
  readonly protocol: string;
  readonly summary: string;
}

export interface Dissection {
  /** Warnings and errors, but for those about TCP itself: the kernel's are none of ours. */
  readonly remarks: readonly Remark[];
  /** Packets that each filter finds. */
  readonly counts: ReadonlyMap<string, number>;
  readonly tlsPorts: readonly string[];
}

export function dissect(files: CaptureFiles, filters: readonly string[]): Dissection {
  const { http2, tls } = portsOf(files);
  const decode = [...http2.map((port) => `tcp.port==${port},http2`), ...tls.map((port) => `tcp.port==${port},tls`)];
  const statistics = ["expert,warn", ...filters.map((filter) => `io,stat,0,${filter}`)];
  // A segment that the kernel has sent again would otherwise look like one that is missing.
  const args = [
    ...["-o", `tls.keylog_file:${files.keys}`, "-o", "tcp.reassemble_out_of_order:TRUE", "-q"],
    ...decode.flatMap((rule) => ["-d", rule]),
    ...statistics.flatMap((name) => ["-z", name]),
  ];
  const text = tshark(files, args);
  return { remarks: parseRemarks(text), counts: parseCounts(text), tlsPorts: tls };
}

function tshark({ packets }: CaptureFiles, args: readonly string[]): string {
  const { error, status, stdout, stderr } = spawnSync("tshark", ["-n", "-r", packets, ...args], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`tshark failed: ${error?.message ?? stderr}`);
  return stdout;
}

/** Ports of servers, told by the first bytes that came to them. */
function portsOf(files: CaptureFiles): { readonly http2: readonly string[]; readonly tls: readonly string[] } {
  const fields = ["-T", "fields", "-e", "tcp.dstport", "-e", "tcp.payload"];
  const first = "tcp.seq==1 && tcp.len>0";
  const http2 = new Set<string>();
  const tls = new Set<string>();
  for (const line of tshark(files, ["-Y", first, ...fields]).split("\n")) {
    const [port = "", payload = ""] = line.split("\t");
    if (payload.startsWith(prefaceHex)) http2.add(port);
    if (payload.startsWith(handshakeHex)) tls.add(port);
  }
  return { http2: [...http2], tls: [...tls] };
}

const prefaceHex = Buffer.from("PRI * HTTP/2.0").toString("hex");
/** A record of type handshake, of TLS 1.0 as ClientHello has it, with a ClientHello in it. */
const handshakeHex = "160301";

/** Rows below `Errors (3)` or `Warns (1)`: how often, group, protocol, summary. */
export function parseRemarks(text: string): Remark[] {
  const remarks: Remark[] = [];
  let severity = "";
  for (const line of text.split("\n")) {
    severity = /^(Errors|Warns) \(\d+\)/.exec(line)?.[1] ?? severity;
    const [, count, protocol = "", summary = ""] = /^\s+(\d+)\s+\S+\s+(\S+)\s{2,}(.*)$/.exec(line) ?? [];
    if (count !== undefined && protocol !== "TCP") {
      remarks.push({ severity, count: Number(count), protocol, summary: summary.trim() });
    }
  }
  return remarks;
}

/** One table a filter, which is named above its only row: `Col 1: http2`, `| 0.0 <> 3.1 | packets | bytes |`. */
export function parseCounts(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  let filter = "";
  for (const line of text.split("\n")) {
    filter = /^\| Col 1: (.*\S)\s*\|$/.exec(line)?.[1] ?? filter;
    const [, count] = /^\|\s*[\d.]+\s*<>\s*\S+\s*\|\s*(\d+)\s*\|\s*\d+\s*\|/.exec(line) ?? [];
    if (count !== undefined) counts.set(filter, Number(count));
  }
  return counts;
}
