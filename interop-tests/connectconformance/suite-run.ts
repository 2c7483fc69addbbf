import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

export const modes = ["server", "client"] as const;
export type Mode = (typeof modes)[number];

/** A part of the suite's permutations. */
export interface SuitePart {
  readonly name: string;
  readonly codecs: readonly ("proto" | "json")[];
  readonly compressions: readonly ("identity" | "gzip" | "deflate")[];
  readonly tls: boolean;
  /** How many there are at the version of suite/go.mod. Fewer have run: something is amiss. */
  readonly cases: Readonly<Record<Mode, number>>;
}

export interface SuiteRun {
  readonly part: SuitePart;
  readonly mode: Mode;
  /** The program under test. */
  readonly command: readonly string[];
}

export interface SuiteResult {
  /** All ran, and each as it should. */
  readonly passed: boolean;
  readonly summary: string;
  /** All that the runner said of the first time, when all did not go well. */
  readonly complaints: string;
  /** The permutations that failed twice. */
  readonly failed: readonly string[];
}

/**
 * Runs a part of the suite in one mode; `folder` has the runner, and gets the configuration. What failed gets a second
 * chance, by name, and is told: on a machine under load the suite's own deadlines and pauses may be lost.
 */
export function runSuite(folder: string, { part, mode, command }: SuiteRun): SuiteResult {
  const config = join(folder, "config.yaml");
  writeFileSync(config, JSON.stringify(configOf(part)));
  const options = ["--conf", config, "--mode", mode];
  const first = runRunner(folder, [...options, "--", ...command]);
  const expected = part.cases[mode];
  if (first.total !== expected) {
    const summary = `${first.total} cases have run, expected ${expected}`;
    return { passed: false, summary, complaints: first.output, failed: first.failed };
  }
  if (first.failed.length === 0) return { passed: true, summary: `all ${expected} pass`, complaints: "", failed: [] };
  const names = first.failed.flatMap((name) => ["--run", name]);
  const second = runRunner(folder, [...options, ...names, "--", ...command]);
  const failed = second.total === first.failed.length ? second.failed : first.failed;
  const mended = first.failed.length - failed.length;
  return {
    passed: failed.length === 0,
    summary: `${expected - failed.length} of ${expected} pass, ${mended} of them when run once more`,
    complaints: first.output,
    failed,
  };
}

interface RunnerResult {
  readonly total: number;
  readonly failed: readonly string[];
  readonly output: string;
}

function runRunner(folder: string, args: readonly string[]): RunnerResult {
  const runner = join(folder, "connectconformance");
  const { stdout, stderr, error } = spawnSync(runner, args, { encoding: "utf8", maxBuffer: 1 << 28 });
  if (error !== undefined) throw error;
  const failed = [...stdout.matchAll(/^FAILED: (.*):$/gm)].map(([, name = ""]) => name);
  const [, total, failures] = /^Total cases: (\d+)\n\d+ passed, (\d+) failed$/m.exec(stdout) ?? [];
  // Failures that are not named, or no count at all: nothing of it counts.
  const isWhole = Number(failures) === failed.length;
  return { total: isWhole ? Number(total) : 0, failed, output: stdout + stderr };
}

/** JSON is YAML. Nothing is listed as known to fail. */
function configOf({ codecs, compressions, tls }: SuitePart): object {
  return {
    features: {
      versions: ["HTTP_VERSION_2"],
      protocols: ["PROTOCOL_GRPC"],
      codecs: codecs.map((codec) => `CODEC_${codec.toUpperCase()}`),
      compressions: compressions.map((compression) => `COMPRESSION_${compression.toUpperCase()}`),
      streamTypes: [
        "STREAM_TYPE_UNARY",
        "STREAM_TYPE_CLIENT_STREAM",
        "STREAM_TYPE_SERVER_STREAM",
        "STREAM_TYPE_HALF_DUPLEX_BIDI_STREAM",
        "STREAM_TYPE_FULL_DUPLEX_BIDI_STREAM",
      ],
      supportsH2c: true,
      supportsTls: tls,
      supportsTlsClientCerts: tls,
      supportsMessageReceiveLimit: true,
    },
  };
}
