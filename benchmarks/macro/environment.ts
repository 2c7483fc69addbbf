/** What a run was made on and with. */
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism, cpus, release, type } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { goVersions, isGoPeerBuilt } from "../peers/grpc-go/build-peer.js";
import type { CorePair } from "./pinned-process.js";

const packages = [
  ...["godwit", "@bufbuild/protobuf", "@grpc/grpc-js", "protobufjs"],
  ...["nice-grpc", "@connectrpc/connect-node"],
];

export interface Environment {
  readonly date: string;
  readonly node: string;
  readonly system: string;
  readonly cpu: string;
  readonly cores: number;
  /** Undefined: processes were not pinned. */
  readonly pinned: CorePair | undefined;
  readonly versions: Readonly<Record<string, string>>;
}

export function describeEnvironment(pinned: CorePair | undefined): Environment {
  return {
    date: new Date().toISOString(),
    node: process.version,
    system: `${type()} ${release()}`,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    cores: availableParallelism(),
    pinned,
    versions: {
      ...Object.fromEntries(packages.map((name) => [name, versionOf(name)])),
      ...(isGoPeerBuilt() ? { "grpc-go": goVersions() } : {}),
    },
  };
}

/** A package need not export its package.json: it is looked for above the module that the name leads to. */
function versionOf(name: string): string {
  for (let folder = dirname(fileURLToPath(import.meta.resolve(name))); folder !== dirname(folder); ) {
    const file = join(folder, "package.json");
    if (existsSync(file)) {
      const manifest = JSON.parse(readFileSync(file, "utf8")) as { name?: string; version?: string };
      if (manifest.name === name) return manifest.version ?? "unknown";
    }
    folder = dirname(folder);
  }
  return "unknown";
}
