import type { HpackDecoder } from "../../hpack/decoder.js";
import { FrameReader } from "../frame/frame-reader.js";
import type { SessionOutbound } from "../session-outbound.js";
import type { SessionState } from "../session-state.js";
import type { FlowLedger } from "../stream/flow-ledger.js";
import { DataReceiver } from "./data-receiver.js";
import { HeaderReceiver } from "./header-receiver.js";

/** What reads frames. Between two of them it knows nothing that is not found out again: a session at rest has none. */
export class FrameReceivers {
  readonly reader: FrameReader;
  readonly data: DataReceiver;
  readonly headers: HeaderReceiver;

  constructor(state: SessionState, outbound: SessionOutbound, ledger: FlowLedger, decoder: HpackDecoder) {
    this.reader = new FrameReader(state.limits.maxFrameBytes);
    this.data = new DataReceiver(state, ledger, this.reader);
    this.headers = new HeaderReceiver(state, outbound, this.reader, decoder);
  }

  /** Whether the stream of bytes may end here without cutting a frame, or a block of headers. */
  get atFrameBoundary(): boolean {
    return this.reader.atFrameBoundary && !this.headers.expectsContinuation;
  }
}
