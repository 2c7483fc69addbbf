/** A reverse proxy in front of a server, as a process of its own. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findFreePorts } from "../../h2spec/free-ports.js";
import type { CertificateFiles } from "../../support/certificate-files.js";

export interface ProxySetup {
  /** Where it listens. */
  readonly port: number;
  /** Where its server is. */
  readonly serverPort: number;
  /** Requests that it takes on one connection before it ends that with GOAWAY. Default: as many as come. */
  readonly requestsPerConnection?: number | undefined;
  /** Default: no TLS. To the server there is none in any case. */
  readonly certificate?: CertificateFiles | undefined;
  /** Of the configuration, from 1. Each answer that passes has it as `x-configuration`. */
  readonly generation: number;
}

/** What differs between proxies. */
export interface ProxyKind {
  readonly name: string;
  readonly command: string;
  /** @param folder is the proxy's own. */
  config(setup: ProxySetup, folder: string): string;
  args(folder: string, config: string): readonly string[];
  readonly reloadSignal: NodeJS.Signals;
  /** What its log says when a process of an earlier configuration has ended. */
  readonly formerEnded: RegExp;
}

/** The first that there is of a command in the PATH and where Debian keeps those of administrators. */
export function findProxy({ command }: ProxyKind): string | undefined {
  return [command, `/usr/sbin/${command}`].find((path) => spawnSync(path, ["-v"]).error === undefined);
}

export class ReverseProxy implements AsyncDisposable {
  readonly #kind: ProxyKind;
  readonly #folder: string;
  readonly #child: ChildProcess;
  #setup: ProxySetup;
  #isClosing = false;
  #said = "";

  private constructor(kind: ProxyKind, binary: string, setup: ProxySetup) {
    this.#kind = kind;
    this.#setup = setup;
    this.#folder = mkdtempSync(join(tmpdir(), `godwit-${kind.name}-`));
    this.#configure();
    this.#child = spawn(binary, kind.args(this.#folder, this.#configFile), { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#said += text;
      });
    }
    this.#child.once("close", () => {
      if (!this.#isClosing) console.error(`${kind.name} has ended: ${this.#said}`);
    });
  }

  /** It listens a while later: calls that wait for it find out. */
  static async start(
    kind: ProxyKind,
    serverPort: number,
    options: Pick<ProxySetup, "requestsPerConnection" | "certificate"> = {},
  ): Promise<ReverseProxy> {
    const binary = findProxy(kind);
    if (binary === undefined) throw new Error(`there is no ${kind.command}`);
    const port = await findFreePorts(1);
    return new ReverseProxy(kind, binary, { ...options, port, serverPort, generation: 1 });
  }

  /** Its log. */
  get said(): string {
    return this.#said;
  }

  /** Whether it is done with earlier configurations. Before that, haproxy may overhear a signal. */
  get isSettled(): boolean {
    return [...this.#said.matchAll(this.#kind.formerEnded)].length >= this.#setup.generation - 1;
  }

  get port(): number {
    return this.#setup.port;
  }

  /** Has it read its configuration anew: another process takes new connections, the old one ends when its own have. */
  reload(): void {
    this.#setup = { ...this.#setup, generation: this.#setup.generation + 1 };
    this.#configure();
    this.#child.kill(this.#kind.reloadSignal);
  }

  get #configFile(): string {
    return join(this.#folder, "proxy.conf");
  }

  #configure(): void {
    writeFileSync(this.#configFile, this.#kind.config(this.#setup, this.#folder));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosing = true;
    if (this.#child.exitCode === null) {
      const exited = once(this.#child, "exit");
      this.#child.kill("SIGTERM");
      await exited;
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
