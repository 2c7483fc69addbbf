import type { EndpointView } from "./endpoint-view.js";
import { isClosedFor, type StreamView } from "./stream-view.js";

export type Role = "client" | "server";

/** One connection as the wire shows it: its two ends and its streams. */
export class ConnectionView {
  readonly streams = new Map<number, StreamView>();
  /** Highest stream that the client has opened. */
  lastStreamId = 0;

  constructor(
    readonly client: EndpointView,
    readonly server: EndpointView,
  ) {}

  otherEnd(role: Role): EndpointView {
    return role === "client" ? this.server : this.client;
  }

  /** Streams that are open for that end. */
  openStreams(role: Role): StreamView[] {
    return [...this.streams.values()].filter((view) => !isClosedFor(view[role]));
  }

  /** What that end may send on the stream, given what has reached it; below 0 it has sent too much. */
  streamWindow(view: StreamView, role: Role): number {
    return this[role].inForce.initialWindow + view[role].grants - view[role].sentFlow;
  }

  connectionWindow(role: Role): number {
    return 65_535 + this[role].grants - this[role].sentFlow;
  }

  sendWindow(view: StreamView, role: Role): number {
    return Math.min(this.streamWindow(view, role), this.connectionWindow(role));
  }

  /** Bytes of DATA that have reached that end on the stream. */
  dataOn(view: StreamView, role: Role): number {
    const sender = this.otherEnd(role);
    const isOpen = sender.dataStreamId === view.id;
    return view[role].receivedFlow - (isOpen ? Math.max(0, sender.dataEnd - sender.deliveredBytes) : 0);
  }
}
