import { defaultTransportLimits, type LimitOptions } from "../../../src/transport/transport-limits.js";
import type { Link, LinkSide } from "../network/link.js";
import type { SimStream } from "../network/sim-stream.js";
import type { Mood, Scenario } from "../scenario.js";
import { callKey } from "../workload/handlers.js";
import type { Journal, ServerRecord } from "../workload/journal.js";
import type { SimProcess } from "../world/sim-process.js";
import type { World } from "../world/world.js";
import { ConnectionObserver } from "./connection-observer.js";
import { ConnectionView } from "./connection-view.js";
import { type EndpointHost, EndpointView } from "./endpoint-view.js";
import { describe } from "./frame-text.js";
import type { StreamView } from "./stream-view.js";

/** What the watch needs to know of the world. */
export interface WatchedWorld {
  readonly world: World;
  readonly scenario: Scenario;
  readonly journal: Journal;
  readonly channels: readonly { readonly process: SimProcess; readonly plan: { readonly limits: LimitOptions } }[];
}

/** Where a call was seen on the wire. */
export interface Sighting {
  readonly link: Link;
  readonly observer: ConnectionObserver;
  readonly view: StreamView;
}

/** Turns within which a server's handlers hear that their call is over: the one that is due, and the one behind it. */
const abortTurns = 2;

/** Puts an observer on every connection and brings together what the wire shows and what the journals say. */
export class WireWatch {
  readonly observers = new Map<Link, ConnectionObserver>();
  /** Where the headers of each call were sent, in order. */
  readonly sightings: (Sighting[] | undefined)[] = [];
  readonly #watched: WatchedWorld;
  readonly #byPeer = new Map<string, Link>();

  constructor(watched: WatchedWorld) {
    this.#watched = watched;
  }

  onLink(link: Link): void {
    const { world, scenario, channels } = this.#watched;
    const client = channels.find(({ process }) => process === link.client.process);
    const observer: ConnectionObserver = new ConnectionObserver(
      new ConnectionView(
        new EndpointView("client", hostOf(link.client, client?.plan.limits, scenario.mood)),
        new EndpointView("server", hostOf(link.server, scenario.serverLimits, scenario.mood)),
      ),
      {
        violate: (law, message) => world.violate(law, `link ${link.id}: ${message}`),
        onFrame: (role, frame) => {
          world.trace.add(link.id * 2 + (role === "client" ? 0 : 1));
          world.trace.add(frame.type * 256 + frame.flags);
          world.trace.add(frame.streamId);
          world.trace.add(frame.length);
          world.log?.(`link ${link.id}: ${role} ${describe(frame)}`);
        },
        onRequestSent: (view, fields) => this.#onRequestSent({ link, observer, view }, fields),
        onResetDelivered: (view) => this.#expectAbort(view, link),
      },
    );
    this.observers.set(link, observer);
    this.#byPeer.set(link.server.peer.address, link);
    for (const role of ["client", "server"] as const) this.#tap(link, role, observer);
  }

  /** Where the handler's call came from. */
  sightingOf(record: ServerRecord): Sighting | undefined {
    const link = this.#byPeer.get(record.peer);
    const sightings = this.sightings[record.plan.id] ?? [];
    return sightings.findLast((sighting) => sighting.link === link && sighting.view.attempt === record.attempt);
  }

  /** The connection that the handler's call came on. */
  linkOf({ peer }: ServerRecord): Link | undefined {
    return this.#byPeer.get(peer);
  }

  /** Whether the connection that the handler's call came on reads nothing for now. */
  isHeld({ peer }: ServerRecord): boolean {
    return this.#byPeer.get(peer)?.server.isPaused === true;
  }

  onHandlerStart(record: ServerRecord): void {
    const { world } = this.#watched;
    const { id } = record.plan;
    if (record.peer.startsWith("inproc:")) return;
    const sighting = this.sightingOf(record);
    if (sighting === undefined || sighting.view.server.seenBlocks === 0) {
      world.violate("handler-start", `the handler of call ${id} starts, and its request has not come`);
      return;
    }
    const { observer, view, link } = sighting;
    observer.onHandlerStart(view, `the handler of call ${id} starts behind the reset of its stream`);
    if (link.server.isClosed)
      world.violate("handler-start", `the handler of call ${id} starts, and its connection has closed`);
    if (view.id > observer.view.server.goAway) {
      world.violate(
        "goaway",
        `the handler of call ${id} starts on stream ${view.id}, GOAWAY said ${observer.view.server.goAway}`,
      );
    }
  }

  #tap(link: Link, role: LinkSide, observer: ConnectionObserver): void {
    const { world } = this.#watched;
    const end = link[role];
    end.tap = {
      onWritten: (bytes) => {
        world.trace.addMillis(world.now);
        world.trace.addBytes(bytes);
        observer.onWritten(role, bytes);
      },
      onDelivered: (bytes) => {
        world.trace.addMillis(world.now);
        world.trace.add(bytes);
        world.log?.(`link ${link.id}: ${role} reads ${bytes} bytes`);
        observer.onDelivered(role, bytes);
      },
      onRead: () => observer.onRead(role, end.isPaused),
      onEnding: () => observer.onEnding(role),
      onClosed: () => {
        world.note(`link ${link.id}: the ${role}'s end is closed`);
        if (role === "server") for (const view of observer.view.streams.values()) this.#expectAbort(view, link);
      },
    };
  }

  #onRequestSent(sighting: Sighting, fields: ReadonlyMap<string, string>): void {
    const callId = Number(fields.get(callKey));
    sighting.view.callId = callId;
    sighting.view.attempt = 1 + Number(fields.get("grpc-previous-rpc-attempts") ?? 0);
    const earlier = this.sightings[callId];
    if (earlier === undefined) this.sightings[callId] = [sighting];
    else earlier.push(sighting);
  }

  /** The server knows, as soon as it has read it, that nobody waits for the call any more. */
  #expectAbort({ callId, attempt }: StreamView, link: Link): void {
    const { process } = link.server;
    for (const record of this.#watched.journal.runningOn(process)) {
      if (record.plan.id !== callId || record.attempt !== attempt || this.#byPeer.get(record.peer) !== link) continue;
      record.abortDueTurn = Math.min(record.abortDueTurn, process.turnsRun + abortTurns);
    }
  }
}

/** Less than what a session waits for an answer, more than a slow network takes. */
const undisturbedDrainMs = 19_500;

function hostOf(end: SimStream, limits: LimitOptions | undefined, mood: Mood): EndpointHost {
  const drainMs = mood === "rough" ? Number.POSITIVE_INFINITY : undisturbedDrainMs;
  const { connectionWindowBytes, maxUnreadBytes, maxIncompleteBytes, maxReceiveMessageBytes } = {
    ...defaultTransportLimits,
    ...limits,
  };
  return {
    windowBytes: Math.max(65_535, connectionWindowBytes),
    aheadBytes: Math.min(maxIncompleteBytes, maxReceiveMessageBytes),
    // A message that is being decompressed holds the window that it came through, until it is done.
    sparesWindow: maxUnreadBytes >= defaultTransportLimits.maxUnreadBytes && end.process.habits.slowCompression === 0,
    now: () => ({ turn: end.process.turnsRun, isHeldUp: end.isHeldUp, atMs: end.process.world.now }),
    drainMs,
  };
}
