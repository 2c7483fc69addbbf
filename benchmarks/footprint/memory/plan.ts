/** What is measured, and whom by. */

export const subjectNames = ["godwit", "grpc-js", "raw-net"] as const;
export type SubjectName = (typeof subjectNames)[number];

export type Load =
  /** Connections that have carried one call. */
  | { readonly kind: "connections" }
  /** Bidi calls that have exchanged one message each way, on connections that were there before. */
  | { readonly kind: "streams" }
  /** Connect, one call, close; `atOnce` of them under way. */
  | { readonly kind: "setUp"; readonly atOnce: number };

export interface Row {
  readonly id: string;
  readonly load: Load;
  readonly tls: boolean;
  readonly subjects: readonly SubjectName[];
}

/** Sockets without a protocol have no streams. */
const withStreams: readonly SubjectName[] = ["godwit", "grpc-js"];

export const rows: readonly Row[] = [
  { id: "connections", load: { kind: "connections" }, tls: false, subjects: subjectNames },
  { id: "tls-connections", load: { kind: "connections" }, tls: true, subjects: subjectNames },
  { id: "streams", load: { kind: "streams" }, tls: false, subjects: withStreams },
  { id: "set-up-1", load: { kind: "setUp", atOnce: 1 }, tls: false, subjects: subjectNames },
  { id: "set-up-50", load: { kind: "setUp", atOnce: 50 }, tls: false, subjects: subjectNames },
  { id: "tls-set-up-1", load: { kind: "setUp", atOnce: 1 }, tls: true, subjects: subjectNames },
  { id: "tls-set-up-50", load: { kind: "setUp", atOnce: 50 }, tls: true, subjects: subjectNames },
];

/** Streams on one connection: godwit's maxConcurrentStreams; a server of grpc-js has no limit of its own. */
export const streamsPerConnection = 1000;

/** Connections that carry `streams`, of which the first on each is there before anything is measured. */
export function connectionsFor(streams: number): number {
  return Math.ceil(streams / streamsPerConnection);
}

/** Connections that are there before the first reading, so that what is made once is not counted. */
export const warmUpConnections = 200;
/** Files that a process of a run has open beside its connections: itself, its pipes, its event loop, a listener. */
const ownFiles = 64;

/** One sentence where a process may not have as many connections as are asked for. */
export function fileProblem(connections: number, fileLimit: number): string | undefined {
  const files = connections + warmUpConnections + ownFiles;
  if (files <= fileLimit) return undefined;
  return `${connections} connections need ${files} open files in a process, limit ${fileLimit} (ulimit -n)`;
}
