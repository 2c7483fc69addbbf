import type { CallInfo } from "../../../src/rpc/call-info.js";
import type { StatusError } from "../../../src/rpc/status-error.js";
import type { SimProcess } from "../world/sim-process.js";
import type { CallPlan } from "./call-plan.js";

/** What the caller saw of a call. */
export interface ClientRecord {
  readonly plan: CallPlan;
  readonly process: SimProcess;
  readonly info: CallInfo;
  readonly startedAt: number;
  /** When its deadline runs out, Infinity without one. */
  readonly deadlineAt: number;
  /** Undefined while it runs. */
  settledAt: number | undefined;
  /** Undefined for OK. */
  error: StatusError | undefined;
  /** The caller left its loop: then there is no status to be seen. */
  hasLeft: boolean;
  cancelledAt: number | undefined;
  /** Taken from the source. */
  requests: number;
  responses: number;
  /** In a loop over responses, for the next. */
  isWaiting: boolean;
  /** The source has given all that was planned. */
  sourceIsDone: boolean;
}

export type RequestsEnd = "open" | "complete" | "failed" | "left";

/** What one run of a handler saw. */
export interface ServerRecord {
  readonly plan: CallPlan;
  readonly process: SimProcess;
  /** Address of the client's end of the connection. */
  readonly peer: string;
  readonly startedAt: number;
  /** As the client told it: 1 for the first. */
  readonly attempt: number;
  readonly deadline: number;
  endedAt: number | undefined;
  /** Of its signal, when it looks at it. */
  abortedAt: number | undefined;
  requests: number;
  requestsEnd: RequestsEnd;
  /** In its loop over requests, for the next. */
  isWaiting: boolean;
  /** Given out. */
  responses: number;
  /** Turn of the process behind which it must have heard that its call is over. */
  abortDueTurn: number;
}

/** Everything that clients and handlers have written down. */
export class Journal {
  readonly client: (ClientRecord | undefined)[] = [];
  readonly server: ServerRecord[] = [];
  /** Handlers that have not ended, by process. */
  readonly running = new Map<SimProcess, Set<ServerRecord>>();

  handlersOf(callId: number): ServerRecord[] {
    return this.server.filter((record) => record.plan.id === callId);
  }

  runningOn(process: SimProcess): Set<ServerRecord> {
    let records = this.running.get(process);
    if (records === undefined) {
      records = new Set();
      this.running.set(process, records);
    }
    return records;
  }
}
