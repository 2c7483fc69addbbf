import { HeaderBlock } from "../../../src/hpack/header-block.js";
import { ErrorCode } from "../../../src/http2/error-code.js";
import type { Http2Session } from "../../../src/http2/session.js";
import type { SessionEvent } from "../../../src/http2/session-event.js";
import { frames } from "../../support/frames.js";
import { LoneSession } from "../lone-session.js";
import { type Decision, decisionOf, lastPing } from "./decision.js";
import { holdPath, type Probe, type Prober, requestOpen, resetField, resetPath } from "./probe.js";

const request = new HeaderBlock([":method", "POST", ":scheme", "http", ":path", "/s/m", ":authority", "test"]);
const response = new HeaderBlock([":status", "200"]);

type Handler = (event: SessionEvent, session: Http2Session) => void;

/** Answers a request when it has ended, unless its path says otherwise. */
function createServerHandler(): Handler {
  const held = new Set<number>();
  return (event, session) => {
    if (event.type !== "headers" && event.type !== "data") return;
    const path = event.type === "headers" ? event.headers.get(":path") : undefined;
    if (path === resetPath) session.resetStream(event.streamId, ErrorCode.CANCEL);
    if (path === holdPath) held.add(event.streamId);
    if (event.endStream && !held.has(event.streamId)) session.sendHeaders(event.streamId, response, true);
  };
}

const handleAsClient: Handler = (event, session) => {
  if (event.type !== "headers" || event.headers.get(resetField) === undefined) return;
  session.resetStream(event.streamId, ErrorCode.CANCEL);
};

/** What a session of ours decides about the peer that sends a probe. */
export function decideOurs(prober: Prober, { state, setup, bytes }: Probe): Decision {
  // Node's default.
  const lone = LoneSession.open(prober === "client" ? "server" : "client", { maxFrameBytes: 16_384 });
  const handle = prober === "client" ? createServerHandler() : handleAsClient;
  if (prober === "server") lone.session.openStream(request, state !== requestOpen);
  lone.sent();
  const feed = (part: Uint8Array): void => {
    for (const event of lone.feedEvents(part)) {
      if (event.type === "data") lone.session.releaseWindow(event.streamId, event.end - event.start);
      handle(event, lone.session);
    }
  };
  feed(setup);
  lone.sent();
  feed(Buffer.concat([bytes, frames.ping(lastPing).build()]));
  return decisionOf(lone.sentFrames());
}
