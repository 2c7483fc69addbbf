import { HeaderBlock } from "../../../src/hpack/header-block.js";
import { ErrorCode } from "../../../src/http2/error-code.js";
import { frames } from "../../support/frames.js";
import { LoneSession } from "../lone-session.js";
import { type Decision, decisionOf, lastPing } from "./decision.js";
import { holdPath, type Probe, resetPath } from "./probe.js";

const response = new HeaderBlock([":status", "200"]);

export function decideOurs({ setup, bytes }: Probe): Decision {
  const lone = LoneSession.open("server");
  const held = new Set<number>();
  const feed = (part: Uint8Array): void => {
    for (const event of lone.feedEvents(part)) {
      if (event.type !== "headers" && event.type !== "data") continue;
      const { streamId } = event;
      const path = event.type === "headers" ? event.headers.get(":path") : undefined;
      if (event.type === "data") lone.session.releaseWindow(streamId, event.end - event.start);
      if (path === resetPath) lone.session.resetStream(streamId, ErrorCode.CANCEL);
      if (path === holdPath) held.add(streamId);
      if (event.endStream && !held.has(streamId)) lone.session.sendHeaders(streamId, response, true);
    }
  };
  feed(setup);
  lone.sent();
  feed(Buffer.concat([bytes, frames.ping(lastPing).build()]));
  return decisionOf(lone.sentFrames());
}
