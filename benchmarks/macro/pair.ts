/** Client and server of one library, each in its own process. */
import { fileURLToPath } from "node:url";
import type { Measurement } from "./closed-loop.js";
import type { FromClient, FromServer } from "./messages.js";
import { type CorePair, PinnedProcess } from "./pinned-process.js";
import type { Workload } from "./rows.js";
import type { SubjectName } from "./subjects/subject.js";

const script = (name: string): string => fileURLToPath(new URL(`./${name}.js`, import.meta.url));

export class Pair {
  readonly subject: SubjectName;
  readonly #server: PinnedProcess;
  readonly #client: PinnedProcess;

  private constructor(subject: SubjectName, server: PinnedProcess, client: PinnedProcess) {
    this.subject = subject;
    this.#server = server;
    this.#client = client;
  }

  static async start(
    subject: SubjectName,
    cores: CorePair | undefined,
    profileFolder: string | undefined,
  ): Promise<Pair> {
    const server = new PinnedProcess(script("server-main"), [subject], {
      core: cores?.server,
      profileFolder,
      name: `${subject}-server`,
    });
    const { port } = await server.receive<FromServer>();
    const client = new PinnedProcess(script("client-main"), [subject, String(port)], {
      core: cores?.client,
      profileFolder,
      name: `${subject}-client`,
    });
    await client.receive<FromClient>();
    return new Pair(subject, server, client);
  }

  async measure(workload: Workload, durationMs: number): Promise<Measurement> {
    const answer = this.#client.receive<FromClient>();
    this.#client.send({ type: "run", workload, durationMs });
    const message = await answer;
    if (message.type === "measured") return message.measurement;
    throw new Error(`${this.subject}: ${message.type === "failed" ? message.message : message.type}`);
  }

  async stop(): Promise<void> {
    await this.#client.stop();
    await this.#server.stop();
  }
}
