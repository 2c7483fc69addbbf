/**
 * `npm run real [-- etcd proxies …]`: our clients and servers with programs that others run in production. What cannot be had
 * on this machine is skipped and said so; with GODWIT_CI_STRICT=1 that is a failure. With --install nothing is run.
 */
import { spawnSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { buildGoServer } from "../grpc-go/go-server.js";
import { buildJavaClient } from "../grpc-java/install.js";
import { installEtcd } from "./etcd/install.js";
import { haproxy } from "./proxies/haproxy.js";
import { nginx } from "./proxies/nginx.js";
import { findProxy } from "./proxies/proxy.js";

interface Prepared {
  readonly cases: string;
  readonly environment: NodeJS.ProcessEnv;
}

/** A group of cases. `prepare` gives what mocha runs and its environment, or rejects with a sentence. */
interface Part {
  readonly name: string;
  prepare(): Promise<Prepared>;
}

const parts: readonly Part[] = [
  {
    name: "etcd",
    async prepare() {
      const { binary, cases } = installEtcd();
      return { cases, environment: { GODWIT_ETCD: binary } };
    },
  },
  {
    name: "proxies",
    async prepare() {
      const absent = [nginx, haproxy].filter((kind) => findProxy(kind) === undefined);
      if (absent.length > 0) throw new Error(`there is no ${absent.map(({ command }) => command).join()}`);
      return { cases: casesOf("proxies"), environment: { GODWIT_GO_SERVER: buildGoServer() } };
    },
  },
  {
    name: "grpc-java",
    async prepare() {
      const environment = { GODWIT_JAVA_CLIENT: JSON.stringify(await buildJavaClient()) };
      return { cases: casesOf("grpc-java"), environment };
    },
  },
];

function casesOf(part: string): string {
  return fileURLToPath(new URL(`${part}/${part}.test.js`, import.meta.url));
}

const flags = process.argv.slice(2);
const isInstallOnly = flags.includes("--install");
const wanted = flags.filter((flag) => flag !== "--install");
const unknown = wanted.filter((name) => !parts.some((part) => part.name === name));
if (unknown.length > 0) {
  throw new TypeError(`${unknown.join()}: expected some of ${parts.map(({ name }) => name).join()}`);
}
const mocha = fileURLToPath(new URL("../../../node_modules/mocha/bin/mocha.js", import.meta.url));
const missing: string[] = [];
for (const part of parts.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  let prepared: Prepared;
  try {
    prepared = await part.prepare();
  } catch (error) {
    missing.push(`${part.name} is SKIPPED: ${(error as Error).message}`);
    continue;
  }
  if (isInstallOnly) continue;
  const args = [mocha, "--no-config", "--enable-source-maps", "--timeout", "60000", prepared.cases];
  const env = { ...process.env, ...prepared.environment };
  if (spawnSync(process.execPath, args, { stdio: "inherit", env }).status !== 0) process.exitCode = 1;
}
for (const sentence of missing) console.error(sentence);
if (missing.length > 0 && process.env["GODWIT_CI_STRICT"] === "1") process.exitCode = 1;
