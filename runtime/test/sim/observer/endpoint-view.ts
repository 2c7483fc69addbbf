import type { SeenFrame } from "./frame-scanner.js";
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
  /** GOAWAY of the other end that has reached it. */
  seenGoAway = Number.POSITIVE_INFINITY;
  /** Reads the header blocks that it sends. */
  readonly hpack = new WireHpack();
  /** Header block that waits for CONTINUATION. */
  openBlock: { readonly streamId: number; readonly endStream: boolean; fragments: Buffer[] } | undefined;
  /** Frames that have been sent and have not reached the other end, in order. */
  readonly travelling: SeenFrame[] = [];
  /** Bytes that have reached the other end. */
  deliveredBytes = 0;

  constructor(
    readonly role: "client" | "server",
    /** As it was configured: what its windows are restored to. */
    readonly windows: { readonly connection: number; readonly stream: number },
  ) {}
}
