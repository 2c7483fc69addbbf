import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

export const modes = ["server", "client"] as const;
export type Mode = (typeof modes)[number];
export type Codec = "proto" | "json";

/** What is tested, and with which of the suite's permutations. */
export interface SuiteRun {
  readonly mode: Mode;
  readonly codec: Codec;
  readonly tls: boolean;
  /** The program under test. */
  readonly command: readonly string[];
}

export interface SuiteResult {
  /** All ran, and each as it should. */
  readonly passed: boolean;
  readonly summary: string;
  /** All that the runner said. */
  readonly output: string;
}

const outcome = /^Total cases: (\d+)\n(\d+) passed, (\d+) failed$/m;

/** Runs one mode of the suite, all of whose `cases` have to run. `folder` has the runner, and gets the configuration. */
export function runSuite(folder: string, run: SuiteRun, cases: number): SuiteResult {
  const config = join(folder, `${run.codec}${run.tls ? "-tls" : ""}.yaml`);
  writeFileSync(config, JSON.stringify(configOf(run)));
  // The default is half of it; a client under test decides itself.
  const parallel = run.mode === "server" ? ["--parallel", "16"] : [];
  const options = ["--conf", config, "--mode", run.mode, ...parallel];
  const { stdout, stderr, status, error } = spawnSync(
    join(folder, "connectconformance"),
    [...options, "--", ...run.command],
    { encoding: "utf8", maxBuffer: 1 << 28 },
  );
  if (error !== undefined) throw error;
  const [, total, successes, failures] = outcome.exec(stdout) ?? [];
  const counted = total === undefined ? "it came to no end" : `${successes} of ${total} pass, ${failures} fail`;
  const isComplete = Number(total) === cases && successes === total;
  return {
    passed: status === 0 && isComplete,
    summary: Number(total) === cases ? counted : `${counted}, expected ${cases} to run`,
    output: stdout + stderr,
  };
}

/** JSON is YAML. Nothing is listed as known to fail. */
function configOf({ codec, tls }: SuiteRun): object {
  return {
    features: {
      versions: ["HTTP_VERSION_2"],
      protocols: ["PROTOCOL_GRPC"],
      codecs: [codec === "proto" ? "CODEC_PROTO" : "CODEC_JSON"],
      compressions: ["COMPRESSION_IDENTITY", "COMPRESSION_GZIP"],
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
