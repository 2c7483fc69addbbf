/** What a soak has measured. */
import type { ProcessSample } from "./processes/process-sample.js";
import type { TallyRecord } from "./tally.js";

export const phases = ["unary", "streams", "reconnects"] as const;
export type Phase = (typeof phases)[number];
export type Counts = Readonly<Record<Phase, number>>;

export const roles = ["client", "server"] as const;
export type Role = (typeof roles)[number];
export type BothSamples = Readonly<Record<Role, ProcessSample>>;

/** Both processes at rest, with one connection between them. */
export interface Sample extends BothSamples {
  readonly atMs: number;
  /** What came since the warm-up. */
  readonly done: Counts;
}

export interface SoakRecord {
  /** Before the first sample. */
  readonly warmUp: Counts;
  readonly counts: Counts;
  /** Before the first connection, with the server listening. */
  readonly fresh: BothSamples;
  /** The first is the baseline of the heap. */
  readonly samples: readonly Sample[];
  /** Channel and server are closed. */
  readonly closed: BothSamples;
  readonly tallies: Readonly<Record<Role, TallyRecord>>;
  /** Processes that did not end by themselves after that. */
  readonly hanging: readonly Role[];
}
