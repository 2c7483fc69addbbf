import cluster, { type Worker } from "node:cluster";
import { clearTimeout, setTimeout } from "node:timers";
import { type FromWorker, readMessage, type ToWorker } from "./messages.js";

/** Timers of Node are no longer than this. */
const longestTimerMs = 2 ** 31 - 1;
/** Beyond its grace, for a worker that is told to go. */
const killMarginMs = 5_000;

/** A worker from its fork to its end, as the primary sees it. */
export class WorkerProcess {
  /** Undefined once it serves, else why it does not. */
  readonly started: Promise<string | undefined>;
  /** How it ended; undefined when that was as it should be. */
  readonly ended: Promise<string | undefined>;
  readonly #worker: Worker = cluster.fork();
  /** What it said of itself, or what was done to it. */
  #problem: string | undefined;
  #stack: string | undefined;
  #isLeaving = false;

  constructor(startTimeoutMs: number) {
    const worker = this.#worker;
    this.ended = new Promise((resolve) => {
      worker.once("exit", (code, signal) => {
        if (code !== 0) this.#problem ??= signal === null ? `exit code ${code}` : signal;
        resolve(this.#problem);
      });
      worker.on("error", ({ message }) => {
        // Of a process that runs, this is a message that it no longer took.
        if (worker.process.pid === undefined) resolve(`no process could be made for it: ${message}`);
      });
    });
    this.started = new Promise((resolve) => {
      const stopTimer = startTimer(startTimeoutMs, () => {
        this.#kill(`start took longer than ${startTimeoutMs} ms (startTimeoutMs)`);
      });
      worker.on("message", (message) => {
        if (this.#hear(readMessage(message)) !== "ready") return;
        stopTimer();
        resolve(undefined);
      });
      void this.ended.then((problem) => {
        stopTimer();
        resolve(problem ?? "it ended before it was ready");
      });
    });
  }

  /** For logs. */
  get label(): string {
    return `worker ${this.#worker.id} (pid ${this.#worker.process.pid ?? "none"})`;
  }

  get fields(): object {
    const { id, process } = this.#worker;
    return { worker: id, pid: process.pid, ...(this.#stack !== undefined && { stack: this.#stack }) };
  }

  /** Of what `start` or `close` threw, if it did. */
  get stack(): string | undefined {
    return this.#stack;
  }

  /** Whether it was told to go. */
  get isLeaving(): boolean {
    return this.#isLeaving;
  }

  /** Tells it to go once its calls have ended. Gives what `ended` gives. */
  async drain(graceMs: number): Promise<string | undefined> {
    this.#isLeaving = true;
    this.#tell({ godwit: "drain" });
    const limitMs = graceMs + killMarginMs;
    const stopTimer = startTimer(limitMs, () => this.#kill(`killed ${limitMs} ms after it was told to go`));
    const problem = await this.ended;
    stopTimer();
    return problem;
  }

  kill(): void {
    this.#kill("killed");
  }

  #kill(problem: string): void {
    this.#problem ??= problem;
    this.#worker.process.kill("SIGKILL");
  }

  #hear(message: FromWorker | undefined): FromWorker["godwit"] | undefined {
    if (message?.godwit === "closed") this.#tell({ godwit: "exit" });
    if (message?.godwit === "failed") {
      this.#problem ??= message.message;
      this.#stack = message.stack;
    }
    return message?.godwit;
  }

  #tell(message: ToWorker): void {
    // One that takes no more messages has ended, or is about to: `ended` tells.
    if (this.#worker.isConnected()) this.#worker.process.send(message, () => {});
  }
}

/** Infinity, and what is nearly that, is for ever. Gives what stops it. */
function startTimer(ms: number, onTimeout: () => void): () => void {
  if (ms > longestTimerMs) return () => {};
  const timer = setTimeout(onTimeout, ms);
  return () => clearTimeout(timer);
}
