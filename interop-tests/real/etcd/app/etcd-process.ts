/** An etcd of one member, with data of its own, that is stopped, killed and started again on its port. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const variable = "GODWIT_ETCD";

export class EtcdProcess implements AsyncDisposable {
  readonly port: number;
  readonly #peerPort: number;
  readonly #folder = mkdtempSync(join(tmpdir(), "godwit-etcd-"));
  #child: ChildProcess | undefined;
  #said = "";

  constructor(port: number, peerPort: number) {
    this.port = port;
    this.#peerPort = peerPort;
  }

  /** Starts one; it answers a while later, calls that wait for it find out. */
  static async start(): Promise<EtcdProcess> {
    const etcd = new EtcdProcess(await freePort(), await freePort());
    etcd.start();
    return etcd;
  }

  start(): void {
    const [client, peer] = [this.port, this.#peerPort].map((port) => `http://127.0.0.1:${port}`);
    const flags = {
      name: "only",
      "data-dir": this.#folder,
      "listen-client-urls": client,
      "advertise-client-urls": client,
      "listen-peer-urls": peer,
      "initial-advertise-peer-urls": peer,
      "initial-cluster": `only=${peer}`,
      "log-level": "error",
    };
    const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value ?? ""]);
    const binary = process.env[variable];
    if (binary === undefined) throw new Error(`${variable} is not set: npm run real -- etcd sets it`);
    this.#child = spawn(binary, args, { stdio: ["ignore", "ignore", "pipe"] });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#said += text;
    });
  }

  /** What it has complained of. */
  get said(): string {
    return this.#said;
  }

  async stop(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    child.kill(signal);
    await once(child, "exit");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("SIGKILL");
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
