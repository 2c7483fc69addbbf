/** What a run leaves: the client's journal and those of the servers. */

export const kinds = ["unary", "client stream", "server stream"] as const;
export type Kind = (typeof kinds)[number];

/** One call, by the client that made it. */
export interface CallRecord {
  readonly id: string;
  readonly kind: Kind;
  readonly isIdempotent: boolean;
  /** Name of the status code; undefined: it had not ended when the client gave up waiting. */
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  readonly delivery?: string | undefined;
  readonly tookMs: number;
  /** Messages of the answer that it was given. */
  readonly answers: number;
}

/** One line of a server: a handler has begun, or is about to end its answer. */
export interface RunRecord {
  readonly id: string;
  readonly event: "started" | "done";
  readonly instance: string;
  /** What the server was told of earlier attempts: 1 is the first. */
  readonly attempt: number;
}

export interface CrashRecord {
  /** Processes that were killed. */
  readonly kills: number;
  readonly timeoutMs: number;
  readonly calls: readonly CallRecord[];
  readonly runs: readonly RunRecord[];
}
