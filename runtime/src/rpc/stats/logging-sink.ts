import type { Millis } from "../../base/platform.js";
import type { Log } from "../logger.js";
import type { Status } from "../status.js";
import { StatusCode, statusCodeName } from "../status-code.js";
import type {
  AttemptListener,
  AttemptStart,
  ClientCallListener,
  ClientCallStart,
  ConnectionEvent,
  ResolutionEvent,
  ServerCallListener,
  ServerCallStart,
  StatsSink,
} from "./stats-sink.js";

/** Writes to a log what is told to a sink: connections always, calls where the log is to hear of each. */
export function loggingSink(log: Log, now: () => Millis): StatsSink {
  const connections = new ConnectionLog(log);
  return log.hears("debug") ? new CallLog(log, now, connections) : connections;
}

class ConnectionLog implements StatsSink {
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  onConnection({ kind, address, security, connection, reason }: ConnectionEvent): void {
    if (kind === "connected") this.#log.write("info", { connection, address, security }, `connected to ${address}`);
    else if (kind === "failed") this.#log.write("warn", { address, reason }, `no connection to ${address}: ${reason}`);
    else this.#log.write("info", { connection, address, reason }, `the connection to ${address} is gone: ${reason}`);
  }

  /** What the channel's own events do not tell already. */
  onResolution({ endpoints }: ResolutionEvent): void {
    if (endpoints === undefined) return;
    this.#log.write("debug", { endpoints }, `the name has ${endpoints} endpoint${endpoints === 1 ? "" : "s"}`);
  }
}

class CallLog implements StatsSink {
  readonly #log: Log;
  readonly #now: () => Millis;
  readonly #connections: ConnectionLog;
  /** Of the call that came last: lines of one call have the same. */
  #lastCall = 0;

  constructor(log: Log, now: () => Millis, connections: ConnectionLog) {
    this.#log = log;
    this.#now = now;
    this.#connections = connections;
  }

  onClientCall({ method, metadata }: ClientCallStart): ClientCallListener {
    const log = this.#log.with({ call: ++this.#lastCall, method: method.path });
    log.write("debug", { metadata: metadata.toJSON() }, `call of ${method.path}`);
    return new LoggedCall(log, this.#now, `call of ${method.path}`);
  }

  onServerCall({ path, metadata, peer, connection }: ServerCallStart): ServerCallListener {
    const log = this.#log.with({ call: ++this.#lastCall, method: path, connection, peer: peer.address });
    log.write("debug", { metadata: metadata.toJSON() }, `call of ${path} from ${peer.address}`);
    return new LoggedCall(log, this.#now, `call of ${path} from ${peer.address}`);
  }

  onConnection(event: ConnectionEvent): void {
    this.#connections.onConnection(event);
  }

  onResolution(event: ResolutionEvent): void {
    this.#connections.onResolution(event);
  }
}

class LoggedCall implements ClientCallListener, ServerCallListener {
  readonly #log: Log;
  readonly #now: () => Millis;
  readonly #what: string;
  readonly #startedAt: Millis;

  constructor(log: Log, now: () => Millis, what: string) {
    this.#log = log;
    this.#now = now;
    this.#what = what;
    this.#startedAt = now();
  }

  onAttempt({ kind, previousAttempts }: AttemptStart): AttemptListener {
    const log = this.#log.with({ attempt: previousAttempts + 1, kind });
    const what = `${this.#what}: ${kind} attempt`;
    return {
      onConnection: (connection, peer) =>
        log.write("debug", { connection, peer: peer.address }, `${what} goes to ${peer.address}`),
      onEnd: (status) => {
        // The end of the only attempt is the call's.
        if (kind !== "first" || status.code !== StatusCode.OK) {
          log.write("debug", fieldsOf(status), `${what} ${endOf(status)}`);
        }
      },
    };
  }

  onEnd(status: Status): void {
    const durationMs = this.#now() - this.#startedAt;
    this.#log.write("debug", { durationMs, ...fieldsOf(status) }, `${this.#what} ${endOf(status)}`);
  }
}

function endOf({ code, message }: Status): string {
  if (code === StatusCode.OK) return "ended OK";
  return `ended ${statusCodeName(code)}${message === "" ? "" : `: ${message}`}`;
}

function fieldsOf({ code, attempts, delivery, peer }: Status): object {
  return {
    code: statusCodeName(code),
    ...(attempts !== undefined && { attempts }),
    ...(delivery !== undefined && { delivery }),
    ...(peer !== undefined && { peer: peer.address }),
  };
}
