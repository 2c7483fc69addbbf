/** What is measured: a small part of the runtime, and beside it, where there is an honest one, another library's. */
export interface MicroCase {
  /** `room/what`; what is recorded goes by it. */
  readonly id: string;
  /** What one operation is. */
  readonly operation: string;
  /** Operations of one run. Their inputs differ, as a connection's do; a loop over one input measures its caches. */
  readonly operations: number;
  /** Its result is kept by the caller, so that none of the work is found to be of no use. */
  readonly run: () => unknown;
  readonly peer?: Peer;
}

/** The same operations, as many of them, by somebody else. */
export interface Peer {
  readonly name: string;
  readonly run: () => unknown;
}
