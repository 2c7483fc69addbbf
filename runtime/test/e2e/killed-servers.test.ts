import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createChannel, createClient, type Delivery, insecure, StatusError, statusCodeName } from "godwit";
import { EchoService, type EchoServiceClient } from "../gen/godwit/testing/v1/echo_godwit.js";

/** More for a run that is to be recorded: GODWIT_KILLS=50. */
const kills = Number(process.env["GODWIT_KILLS"] ?? 6);
/** Calls of each sort that are under way at any time. */
const callers = 10;
/** Answers of each sort between two kills. */
const answersBetween = 300;

const godwit = JSON.stringify(import.meta.resolve("godwit"));
const stubs = JSON.stringify(new URL("../gen/godwit/testing/v1/echo_godwit.js", import.meta.url).href);

/** A server that writes each call down before it answers: what the operating system has survives SIGKILL. */
const program = `
  import { appendFileSync } from "node:fs";
  import { createServer } from ${godwit};
  import { EchoService } from ${stubs};
  const [journal, port] = process.argv.slice(-2);
  const note = (id) => appendFileSync(journal, id + "\\n");
  const server = createServer().add(EchoService, {
    async unary({ id }) {
      note(id);
      await new Promise((resolve) => setImmediate(resolve));
      return { id };
    },
    async clientStream(requests) {
      let messages = 0;
      for await (const { payload } of requests) if (messages++ === 0) note(Buffer.from(payload).toString());
      return { messages };
    },
    serverStream: () => [],
    bidi: () => [],
  });
  await server.listen("127.0.0.1:" + port);
  process.send("listening");
`;

/** Two servers on ports of their own, each of which can be killed and comes back. */
class Servers {
  readonly #folder = mkdtempSync(join(tmpdir(), "godwit-killed-"));
  readonly #ports: number[] = [];
  readonly #children: ChildProcess[] = [];

  static async start(): Promise<Servers> {
    const servers = new Servers();
    for (let i = 0; i < 2; i++) {
      servers.#ports.push(await freePort());
      await servers.#launch(i);
    }
    return servers;
  }

  get target(): string {
    return `ipv4:${this.#ports.map((port) => `127.0.0.1:${port}`).join()}`;
  }

  /** How often the handler of each call ran. */
  runs(): Map<string, number> {
    const runs = new Map<string, number>();
    for (const id of readFileSync(this.#journal, "utf8").split("\n")) runs.set(id, (runs.get(id) ?? 0) + 1);
    return runs;
  }

  async killAndRestart(index: number): Promise<void> {
    await this.#kill(index);
    await this.#launch(index);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const index of this.#children.keys()) await this.#kill(index);
    rmSync(this.#folder, { recursive: true });
  }

  get #journal(): string {
    return join(this.#folder, "journal");
  }

  async #kill(index: number): Promise<void> {
    const child = this.#children[index] as ChildProcess;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  async #launch(index: number): Promise<void> {
    const args = ["--input-type=module", "-e", program, "--", this.#journal, String(this.#ports[index])];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    this.#children[index] = child;
    await once(child, "message");
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as { port: number };
  probe.close();
  await once(probe, "close");
  return port;
}

/** How the calls of one sort ended, by id: OK, or what the error says. */
type Outcomes = Map<string, "OK" | { readonly text: string; readonly delivery: Delivery | undefined }>;

function failureOf(error: unknown) {
  if (!(error instanceof StatusError)) throw error;
  return { text: `${statusCodeName(error.code)}: ${error.message}`, delivery: error.delivery };
}

describe("e2e: servers that are killed", function () {
  this.timeout(20_000 + kills * 5000);

  it(`${kills} times under load: what may be repeated succeeds, what may not runs at most once, and errors tell the truth`, async () => {
    await using servers = await Servers.start();
    const channel = createChannel(servers.target, {
      credentials: insecure(),
      loadBalancing: "round_robin",
      connect: { initialBackoffMs: 50 },
    });
    const echo = createClient(EchoService, channel);
    const repeatable: Outcomes = new Map();
    const unrepeatable: Outcomes = new Map();
    let isOver = false;
    const caller = async (
      name: string,
      outcomes: Outcomes,
      call: (echo: EchoServiceClient, id: string) => Promise<unknown>,
    ) => {
      for (let i = 0; !isOver; i++) {
        const id = `${name}-${i}`;
        const outcome = await call(echo, id).then(() => "OK" as const, failureOf);
        outcomes.set(id, outcome);
        if (outcome !== "OK") await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const calling = Array.from({ length: callers }, (_, i) => [
      caller(`unary-${i}`, repeatable, (stub, id) => stub.unary({ id }, { timeoutMs: 10_000 })),
      caller(`upload-${i}`, unrepeatable, (stub, id) =>
        stub.clientStream([{ payload: Buffer.from(id) }], { timeoutMs: 10_000 }),
      ),
    ]).flat();
    const answers = async () => {
      const [a, b] = [repeatable.size + answersBetween, unrepeatable.size + answersBetween];
      while (repeatable.size < a || unrepeatable.size < b) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await answers();
    for (let i = 0; i < kills; i++) {
      await servers.killAndRestart(i % 2);
      await answers();
      // Both have to be there again before the next is killed.
      while (channel.describe().subchannels.some(({ state }) => state !== "READY")) await answers();
    }
    isOver = true;
    await Promise.all(calling);
    await channel.close();

    const runs = servers.runs();
    const failed = [...repeatable.values()].filter((outcome) => outcome !== "OK");
    assert.deepEqual(failed, [], "calls that may be repeated");
    for (const [id, outcome] of [...repeatable, ...unrepeatable]) {
      if (outcome === "OK") assert.ok(runs.has(id), `${id} ended with OK, and no server knows it`);
    }
    for (const [id, outcome] of unrepeatable) {
      assert.ok((runs.get(id) ?? 0) <= 1, `${id} ran ${runs.get(id)} times`);
      if (outcome === "OK") continue;
      assert.match(outcome.text, /^UNAVAILABLE/);
      const isWithoutEffect = outcome.delivery === "not-sent" || outcome.delivery === "not-processed";
      assert.ok(!isWithoutEffect || !runs.has(id), `${id} ran: ${outcome.text} (${outcome.delivery})`);
    }
  });
});
