import type { Platform } from "../../base/platform.js";
import type { CallReport } from "../../telemetry/call-counts.js";
import { wallTime } from "../../telemetry/wall-time.js";
import type { ClientTransport } from "../../transport/transport.js";
import type { ConnectionDescription } from "../channel-description.js";
import type { Connection } from "./connection.js";

/** Adds up the calls of connections that come and go. */
export class ConnectionTally {
  #started = 0;
  #succeeded = 0;
  #lastStartedAt = Number.NEGATIVE_INFINITY;

  /** The connection has closed. */
  add({ startedCalls, traffic }: ClientTransport): void {
    this.#started += startedCalls;
    this.#succeeded += traffic.callsSucceeded;
    if (startedCalls > 0) this.#lastStartedAt = Math.max(this.#lastStartedAt, traffic.lastStreamAt);
  }

  /** With those that have not closed. */
  report(platform: Platform, open: Iterable<Connection>): CallReport {
    const sum = new ConnectionTally();
    sum.#started = this.#started;
    sum.#succeeded = this.#succeeded;
    sum.#lastStartedAt = this.#lastStartedAt;
    let active = 0;
    for (const { transport } of open) {
      if (transport === undefined) continue;
      sum.add(transport);
      active += transport.activeCalls;
    }
    const failed = sum.#started - sum.#succeeded - active;
    const lastStartedAt = sum.#started === 0 ? undefined : wallTime(platform, sum.#lastStartedAt);
    return { started: sum.#started, succeeded: sum.#succeeded, failed, lastStartedAt };
  }
}

/** Those of the connections that have opened. */
export function describeConnections(connections: Iterable<Connection>): ConnectionDescription[] {
  const described: ConnectionDescription[] = [];
  for (const { transport } of connections) if (transport !== undefined) described.push(describe(transport));
  return described;
}

function describe(transport: ClientTransport): ConnectionDescription {
  const { id, local, activeCalls } = transport;
  const { address, security, tls } = transport.peer;
  const freeStreams = transport.streamSlots();
  return { id, peer: address, local, security, tls, activeCalls, freeStreams, traffic: transport.reportTraffic() };
}
