import type { SeenFrame } from "./frame-scanner.js";
import type { StreamHalf } from "./stream-view.js";
import { WireHpack } from "./wire-hpack.js";

/** What an end of a connection has promised, and what it knows of the other. */
export class EndpointView {
  /** SETTINGS of the other end that have reached this one. */
  readonly inForce = {
    initialWindow: 65_535,
    maxFrame: 16_384,
    maxStreams: Number.POSITIVE_INFINITY,
    headerTable: 4096,
    enablePush: true,
  };
  /** Flow-controlled bytes of DATA that it has sent. */
  sentFlow = 0;
  /** Flow-controlled bytes of DATA whose frame headers have reached it. */
  receivedFlow = 0;
  /** Sum of the connection's WINDOW_UPDATEs that it has sent, and of those that have reached it. */
  granted = 0;
  grants = 0;
  settingsSent = 0;
  settingsSeen = 0;
  acksSent = 0;
  acksSeen = 0;
  /** Payloads of PINGs that have reached it and that it has not answered. */
  readonly pings: string[] = [];
  /** Last stream of its newest GOAWAY. */
  goAway = Number.POSITIVE_INFINITY;
  goAways = 0;
  /** When it announced that it is going away, taking nothing back yet. */
  announcedAt = Number.NEGATIVE_INFINITY;
  /** GOAWAY of the other end that has reached it. */
  seenGoAway = Number.POSITIVE_INFINITY;
  /** Reads the header blocks that it sends. */
  readonly hpack = new WireHpack();
  /** Header block that waits for CONTINUATION. */
  openBlock: { readonly streamId: number; readonly endStream: boolean; fragments: Buffer[] } | undefined;
  /** END_STREAM of a DATA frame whose header has reached this end, and where the frame is over. */
  comingEnd: { readonly half: StreamHalf; readonly at: number } | undefined;
  /** Frames that have been sent and have not reached the other end, in order. */
  readonly travelling: SeenFrame[] = [];
  /** Bytes that have reached the other end. */
  deliveredBytes = 0;
  /** End, and stream, of the newest DATA frame whose header has reached the other end. */
  dataEnd = 0;
  dataStreamId = 0;
  /** Bytes of DATA that had reached this end when it could last say so. */
  dataWhenFlushed = 0;
  #turnOfData = -1;

  constructor(
    readonly role: "client" | "server",
    readonly host: EndpointHost,
  ) {}

  /** Bytes of DATA that have reached this end, those of frames of which the rest is still to come among them. */
  dataReceived(sender: EndpointView): number {
    return this.receivedFlow - Math.max(0, sender.dataEnd - sender.deliveredBytes);
  }

  /** Before DATA is read: was there a turn since the last, in which the end could write? */
  markFlush(sender: EndpointView): void {
    const { turn, isHeldUp } = this.host.now();
    if (turn === this.#turnOfData) return;
    this.#turnOfData = turn;
    if (!isHeldUp) this.dataWhenFlushed = this.dataReceived(sender);
  }
}

/** What is known of an end beside what it sends. */
export interface EndpointHost {
  /** Its connection window, as it was configured: what it is restored to. */
  readonly windowBytes: number;
  /** What the windows of streams may be opened for beyond what came on them. */
  readonly aheadBytes: number;
  /** Whether what was received and not read leaves the connection's window alone (docs/decisions/0004). */
  readonly sparesWindow: boolean;
  /** Turns of its process so far, and whether it may not write, or reads nothing for now. */
  now(): { readonly turn: number; readonly isHeldUp: boolean; readonly atMs: number };
  /** How long a shutdown's PING and its answer may take. */
  readonly drainMs: number;
}
