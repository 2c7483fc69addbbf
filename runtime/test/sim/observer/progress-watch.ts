import type { Link } from "../network/link.js";
import type { Scenario } from "../scenario.js";
import type { ClientRecord, Journal, ServerRecord } from "../workload/journal.js";
import type { World } from "../world/world.js";
import type { ConnectionObserver } from "./connection-observer.js";
import type { Role } from "./connection-view.js";
import { isClosedFor, type StreamView } from "./stream-view.js";
import type { WireWatch } from "./wire-watch.js";

export interface ProgressWorld {
  readonly world: World;
  readonly scenario: Scenario;
  readonly journal: Journal;
  readonly watch: WireWatch;
}

/** A look at every stream of every connection costs: not each moment gets one. */
const momentsPerLook = 3;

/** Bytes of a message of the simulated service on the wire, where it is not compressed: prefix, tag, length, bytes. */
function wireBytes(size: number): number {
  if (size === 0) return 5;
  return 5 + 1 + (size < 1 << 7 ? 1 : size < 1 << 14 ? 2 : 3) + size;
}

function sumOfFirst(count: number, sizes: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += wireBytes(sizes[i] ?? 0);
  return sum;
}

/**
 * Looks at the world when it is at rest, before time goes on: what could have been done by then is done. Bytes do not wait
 * while the windows are open and the byte stream takes them, and a reader does not wait while its message is there.
 */
export class ProgressWatch {
  readonly #watched: ProgressWorld;
  #moments = 0;

  constructor(watched: ProgressWorld) {
    this.#watched = watched;
  }

  /** Nothing is left to happen now. */
  atRest(): void {
    if (this.#moments++ % momentsPerLook !== 0) return;
    for (const [link, observer] of this.#watched.watch.observers) {
      if (!this.#isInOrder(link)) continue;
      for (const role of ["client", "server"] as const) this.#checkDebts(role, link, observer);
      // Whoever says GOAWAY may be about to leave.
      if (observer.view.client.goAways + observer.view.server.goAways === 0) this.#lookAt(link, observer);
    }
  }

  /** Nobody has disturbed the connection, and both ends are awake. */
  #isInOrder(link: Link): boolean {
    if (!link.isWhole || link.faults > 0) return false;
    const { now } = this.#watched.world;
    return [link.client, link.server].every(({ process }) => !process.isDead && process.standsStillUntil <= now);
  }

  #checkDebts(role: Role, link: Link, observer: ConnectionObserver): void {
    if (!link[role].mayWrite || link[role].isHeldUp) return;
    const debt = observer.debtOf(role);
    if (debt !== undefined) this.#stall(`link ${link.id}: the ${role} owes ${debt}`);
  }

  #lookAt(link: Link, observer: ConnectionObserver): void {
    const { journal, scenario, watch } = this.#watched;
    for (const view of observer.view.streams.values()) {
      const client = journal.client[view.callId];
      if (client === undefined || client.settledAt !== undefined || client.plan.compressed) continue;
      const server = journal.server.find(
        (record) => record.plan === client.plan && record.attempt === view.attempt && watch.linkOf(record) === link,
      );
      this.#lookAtRequests(link, observer, view, client, server);
      if (server !== undefined && scenario.serverCompression === undefined) {
        this.#lookAtResponses(link, observer, view, client, server);
      }
    }
  }

  #lookAtRequests(
    link: Link,
    observer: ConnectionObserver,
    view: StreamView,
    client: ClientRecord,
    server: ServerRecord | undefined,
  ): void {
    const { requestSizes } = client.plan;
    this.#checkSent("client", link, observer, view, sumOfFirst(client.requests, requestSizes));
    if (server?.isWaiting !== true || isClosedFor(view.server) || link.server.isPaused) return;
    const next = sumOfFirst(server.requests + 1, requestSizes);
    if (server.requests < requestSizes.length && observer.view.dataOn(view, "server") >= next) {
      this.#stall(`request ${server.requests} of call ${view.callId} has come, and the handler waits for it`);
    }
  }

  #lookAtResponses(
    link: Link,
    observer: ConnectionObserver,
    view: StreamView,
    client: ClientRecord,
    server: ServerRecord,
  ): void {
    const { responseSizes } = client.plan;
    this.#checkSent("server", link, observer, view, sumOfFirst(server.responses, responseSizes));
    // What comes on a hedge is nobody's to wait for when the caller has chosen another one, which the wire may not show yet.
    if (!client.isWaiting || client.plan.repeats?.isHedged === true || link.client.isPaused) return;
    const next = sumOfFirst(client.responses + 1, responseSizes);
    if (client.responses < responseSizes.length && observer.view.dataOn(view, "client") >= next) {
      this.#stall(`response ${client.responses} of call ${view.callId} has come, and the caller waits for it`);
    }
  }

  #checkSent(role: Role, link: Link, observer: ConnectionObserver, view: StreamView, given: number): void {
    const half = view[role];
    if (half.ended || isClosedFor(half) || link[role].isHeldUp) return;
    const window = observer.view.sendWindow(view, role);
    if (half.sentFlow >= given || window <= 0) return;
    const left = given - half.sentFlow;
    this.#stall(`${left} bytes of call ${view.callId} wait at the ${role}, and its windows have room for ${window}`);
  }

  #stall(message: string): void {
    this.#watched.world.violate("progress", message);
  }
}
