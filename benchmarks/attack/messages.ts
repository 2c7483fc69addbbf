/** What the processes of an attack say to each other. */

export type ToTarget = {
  readonly type: "vitals";
  /** Collect garbage first: what is left is retained. */
  readonly collect: boolean;
  /** Peaks and the event loop's delay are counted anew from here. */
  readonly reset: boolean;
};

/** How a process is. */
export interface Vitals {
  readonly type: "vitals";
  readonly rssBytes: number;
  readonly peakRssBytes: number;
  /** Heap and what it holds outside, buffers among it. */
  readonly heapBytes: number;
  readonly peakExternalBytes: number;
  /** Processor time since its start. */
  readonly cpuUs: number;
  readonly loopDelayP99Us: number;
  readonly loopDelayMaxUs: number;
  readonly sockets: number;
}

export type ToHealthy =
  | { readonly type: "load"; readonly durationMs: number }
  /** One call on a connection of its own. */
  | { readonly type: "probe" };

/** What a closed loop got done. A call without an answer by the end counts with the time that it has waited. */
export interface Load {
  readonly type: "load";
  readonly answered: number;
  readonly failed: number;
  readonly perSecond: number;
  readonly p50Us: number;
  readonly p99Us: number;
  /** Longest time in which nothing was answered. */
  readonly longestGapMs: number;
  /** Some of the errors, each once. */
  readonly errors: readonly string[];
}

export interface Probe {
  readonly type: "probe";
  readonly ms: number;
  readonly error: string | undefined;
}

export type ToAttacker = { readonly type: "start" } | { readonly type: "stop" };

/** What an attacker did and what came of it. */
export interface Tally {
  readonly type: "tally";
  readonly connections: number;
  readonly failedConnects: number;
  readonly openAtEnd: number;
  /** Age of the oldest of these. */
  readonly oldestOpenMs: number;
  /** Streams, or frames of a flood, or whatever the attack is made of. */
  readonly units: number;
  readonly bytes: number;
  readonly seconds: number;
  /** RST_STREAM frames that came. */
  readonly resets: number;
  /** GOAWAY frames that came, by code. */
  readonly goAways: Readonly<Record<string, number>>;
  /** Debug data of the first of them. */
  readonly goAwayText: string | undefined;
  /** From the first octet of the attack to the end of its connection; undefined when none ended. */
  readonly closedAfterMs: { readonly median: number; readonly max: number } | undefined;
  /** When the last connection ended, from the start of the attack. */
  readonly allClosedMs: number | undefined;
  /** How calls of the attack ended, by status code. */
  readonly statuses: Readonly<Record<string, number>>;
  readonly error: string | undefined;
}

/** What became of a client's calls to a server that attacks it. */
export interface AttackedCalls {
  readonly started: number;
  /** By status code; what is no error of the library's, or has no code, under `untyped`. */
  readonly ended: Readonly<Record<string, number>>;
  /** Calls that had not ended long after their deadline. */
  readonly unended: number;
  readonly slowestMs: number;
  readonly message: string | undefined;
}

export type ToVictim = ToTarget | { readonly type: "load"; readonly durationMs: number; readonly attacked: boolean };

export interface VictimLoad {
  readonly type: "victimLoad";
  readonly healthy: Load;
  readonly attacked: AttackedCalls | undefined;
}

export type Ready = { readonly type: "ready" };
