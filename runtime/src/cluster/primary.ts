import { setMaxListeners } from "node:events";
import { performance } from "node:perf_hooks";
import process from "node:process";
import { setTimeout } from "node:timers/promises";
import { WorkerProcess } from "./worker-process.js";
import type { WorkersSettings } from "./workers-options.js";

/** A worker that has served for so long has not failed at its start. */
const stableMs = 10_000;
/** Wait before a place is filled again after the second failure in a row; it doubles with each more. */
const firstBackoffMs = 100;
const mostBackoffMs = 30_000;

type Level = "info" | "warn" | "error";

/** Keeps as many workers as it was told to, and puts new ones in the place of old ones. */
export class Primary {
  readonly #settings: WorkersSettings;
  /** Those that have not ended. */
  readonly #alive = new Set<WorkerProcess>();
  /** Of these, those that serve and were not told to go. */
  readonly #serving = new Set<WorkerProcess>();
  readonly #closing = new AbortController();
  /** Restarts that were asked for since the one began that runs, which is counted too. */
  #restarts = 0;

  constructor(settings: WorkersSettings) {
    this.#settings = settings;
    // Each place that is empty waits for it.
    setMaxListeners(0, this.#closing.signal);
  }

  /**
   * Resolves when it was told to end and the last worker has ended. One worker starts before the others: where it cannot, none can,
   * and this rejects.
   */
  async run(): Promise<void> {
    const { signal } = this.#closing;
    const closed = new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    const onEnd = (name: string) => this.#close(name);
    const onRestart = () => void this.#restartAll();
    process.on("SIGTERM", onEnd).on("SIGINT", onEnd).on("SIGHUP", onRestart);
    try {
      await Promise.race([closed, this.#begin().then(() => closed)]);
      await Promise.all([...this.#alive].map((worker) => (worker.isLeaving ? worker.ended : this.#dismiss(worker))));
    } finally {
      process.off("SIGTERM", onEnd).off("SIGINT", onEnd).off("SIGHUP", onRestart);
    }
  }

  async #begin(): Promise<void> {
    const { worker, problem } = await this.#launch();
    if (problem !== undefined) throw new Error(problem, { cause: worker.stack });
    this.#employ(worker, 0);
    for (let i = 1; i < this.#settings.workers; i++) void this.#fill(0);
  }

  /** A worker that serves; or one that has ended, with the sentence why. */
  async #launch(): Promise<{ readonly worker: WorkerProcess; readonly problem: string | undefined }> {
    const worker = new WorkerProcess(this.#settings.startTimeoutMs);
    this.#alive.add(worker);
    void worker.ended.then(() => this.#alive.delete(worker));
    const problem = await worker.started;
    if (problem !== undefined) return { worker, problem: `${worker.label} did not start: ${problem}` };
    this.#log("info", `${worker.label} serves`, worker.fields);
    return { worker, problem };
  }

  /** @param failures In a row, of the place that it takes. */
  #employ(worker: WorkerProcess, failures: number): void {
    this.#serving.add(worker);
    const since = performance.now();
    void worker.ended.then((problem) => {
      const isUnasked = this.#serving.delete(worker) && !this.#closing.signal.aborted;
      if (!isUnasked) return;
      this.#log(
        "error",
        `${worker.label} ended, and another takes its place: ${problem ?? "exit code 0"}`,
        worker.fields,
      );
      void this.#fill(performance.now() - since >= stableMs ? 0 : failures + 1);
    });
  }

  /** Has a worker in a place that is empty, however often it takes. */
  async #fill(failures: number): Promise<void> {
    const { signal } = this.#closing;
    for (let failed = failures; ; failed++) {
      const isInTime = await setTimeout(backoffMs(failed), true, { signal }).catch(() => false);
      if (!isInTime) return;
      const { worker, problem } = await this.#launch();
      if (problem === undefined) {
        this.#employ(worker, failed);
        return;
      }
      if (signal.aborted) return;
      this.#log("error", `${problem}; the next try is in ${backoffMs(failed + 1)} ms`, worker.fields);
    }
  }

  /** One that is asked for while another runs follows it: workers that are new by then may not have seen what it was for. */
  async #restartAll(): Promise<void> {
    if (this.#restarts++ > 0) return;
    for (; this.#restarts > 0; this.#restarts--) {
      this.#restarts = 1;
      await this.#restartEach();
    }
  }

  /** The new worker serves before the old one is told to go. */
  async #restartEach(): Promise<void> {
    this.#log("info", `${this.#serving.size} workers restart, one after the other`);
    for (const old of [...this.#serving]) {
      if (this.#closing.signal.aborted) return;
      if (!this.#serving.has(old)) continue;
      const { worker: next, problem } = await this.#launch();
      if (this.#closing.signal.aborted) return;
      if (problem !== undefined) {
        this.#log("error", `${problem}; the restart ends here, and those that serve go on`, next.fields);
        return;
      }
      // One that crashed meanwhile has got a successor.
      const isNeeded = this.#serving.has(old);
      if (isNeeded) this.#employ(next, 0);
      await this.#dismiss(isNeeded ? old : next);
    }
    this.#log("info", "the restart is done");
  }

  async #dismiss(worker: WorkerProcess): Promise<void> {
    this.#serving.delete(worker);
    const problem = await worker.drain(this.#settings.graceMs);
    if (problem === undefined) this.#log("info", `${worker.label} has gone`, worker.fields);
    else this.#log("warn", `${worker.label} did not go as it should: ${problem}`, worker.fields);
  }

  #close(signal: string): void {
    if (this.#closing.signal.aborted) {
      this.#log("warn", `${signal} for the second time: ${this.#alive.size} workers are killed`);
      for (const worker of this.#alive) worker.kill();
      return;
    }
    this.#log("info", `${signal}: ${this.#alive.size} workers go`);
    this.#closing.abort();
  }

  #log(level: Level, message: string, fields: object = {}): void {
    try {
      this.#settings.logger[level](fields, message);
    } catch {
      // Nobody is left to tell.
    }
  }
}

function backoffMs(failures: number): number {
  return failures === 0 ? 0 : Math.min(mostBackoffMs, firstBackoffMs * 2 ** (failures - 1));
}
