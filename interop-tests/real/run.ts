/**
 * `npm run real [-- etcd proxies …]`: our clients and servers with programs that others run in production. What cannot be had
 * on this machine is skipped and said so; with GODWIT_CI_STRICT=1 that is a failure.
 */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { goServerProgram } from "../grpc-go/go-server.js";
import { installEtcd } from "./etcd/install.js";
import { haproxy } from "./proxies/haproxy.js";
import { nginx } from "./proxies/nginx.js";
import { findProxy } from "./proxies/proxy.js";

/** A group of cases. `prepare` gives what mocha runs and its environment, or throws a sentence. */
interface Part {
  readonly name: string;
  prepare(): { readonly cases: string; readonly environment: NodeJS.ProcessEnv };
}

const parts: readonly Part[] = [
  {
    name: "etcd",
    prepare() {
      const { binary, cases } = installEtcd();
      return { cases, environment: { GODWIT_ETCD: binary } };
    },
  },
  {
    name: "proxies",
    prepare() {
      const absent = [nginx, haproxy].filter((kind) => findProxy(kind) === undefined);
      if (absent.length > 0) throw new Error(`there is no ${absent.map(({ command }) => command).join()}`);
      return { cases: casesOf("proxies"), environment: { GODWIT_GO_SERVER: goServerProgram.build() } };
    },
  },
];

function casesOf(part: string): string {
  return fileURLToPath(new URL(`${part}/${part}.test.js`, import.meta.url));
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !parts.some((part) => part.name === name));
if (unknown.length > 0) {
  throw new TypeError(`${unknown.join()}: expected some of ${parts.map(({ name }) => name).join()}`);
}
const mocha = fileURLToPath(new URL("../../../node_modules/mocha/bin/mocha.js", import.meta.url));
const missing: string[] = [];
for (const part of parts.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  let prepared: ReturnType<Part["prepare"]>;
  try {
    prepared = part.prepare();
  } catch (error) {
    missing.push(`${part.name} is SKIPPED: ${(error as Error).message}`);
    continue;
  }
  const args = [mocha, "--no-config", "--enable-source-maps", "--timeout", "60000", prepared.cases];
  const env = { ...process.env, ...prepared.environment };
  if (spawnSync(process.execPath, args, { stdio: "inherit", env }).status !== 0) process.exitCode = 1;
}
for (const sentence of missing) console.error(sentence);
if (missing.length > 0 && process.env["GODWIT_CI_STRICT"] === "1") process.exitCode = 1;
