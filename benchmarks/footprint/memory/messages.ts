/** What the processes of a run say to each other: one answer for each question. */
import type { MemoryReading } from "./reading.js";

export type ToProcess = { readonly type: "memory"; readonly settleMs: number } | { readonly type: "cpu" };

export type ToClient =
  | ToProcess
  /** More connections, each of which carries a call. */
  | { readonly type: "connect"; readonly count: number }
  /** More streams, on the connections in turn. */
  | { readonly type: "stream"; readonly count: number }
  /** Uses everything that is open once more: none of it has gone meanwhile. */
  | { readonly type: "check" }
  | { readonly type: "setUp"; readonly atOnce: number; readonly durationMs: number };

export interface SetUps {
  readonly count: number;
  readonly elapsedMs: number;
}

export type Answer =
  | { readonly type: "listening"; readonly port: number }
  | { readonly type: "ready" }
  | { readonly type: "done" }
  | { readonly type: "memory"; readonly reading: MemoryReading }
  | { readonly type: "cpu"; readonly us: number }
  | { readonly type: "setUps"; readonly setUps: SetUps }
  | { readonly type: "failed"; readonly message: string };

/** Answers each question with what `respond` makes of it. */
export function answerWith<Question>(respond: (question: Question) => Promise<Answer>): void {
  process.on("message", (question: Question) => {
    respond(question).then(tell, (error: unknown) =>
      tell({ type: "failed", message: error instanceof Error ? `${error.stack}` : `${error}` }),
    );
  });
}

export function tell(answer: Answer): void {
  process.send?.(answer);
}

/** Processor time since the start. */
export function cpuAnswer(): Answer {
  const { user, system } = process.cpuUsage();
  return { type: "cpu", us: user + system };
}
