/** The HTTP/2 core on a byte stream, without gRPC. */
import type { ByteStream, Platform } from "godwit";
import type { Http2Session } from "../../runtime/src/http2/session.js";
import type { SessionEvent } from "../../runtime/src/http2/session-event.js";
import type { SessionDriver } from "../../runtime/src/transport/session-driver.js";
import { SessionDriver as Driver, defaultTransportLimits, Http2Session as Session } from "./core.js";
import { suiteLimits } from "./suite-limits.js";

const limits = { ...defaultTransportLimits, ...suiteLimits };

/** What `onEvent` commands leaves with the turn that follows. The result is the stream's sink. */
export function openPlainConnection(
  role: "client" | "server",
  stream: ByteStream,
  platform: Platform,
  onEvent: (event: SessionEvent, session: Http2Session) => void,
): SessionDriver {
  const session = new Session(role, limits, platform.now());
  const ignore = (): void => {};
  const owner = {
    onTurnStart: ignore,
    onEvent: (event: SessionEvent) => onEvent(event, session),
    onBatchEnd: ignore,
    onTurnEnd: ignore,
    nextTimeout: () => Number.POSITIVE_INFINITY,
    onTimeout: ignore,
    onRest: ignore,
    onClosed: ignore,
  };
  const driver = new Driver(session, stream, platform, owner, limits);
  driver.schedule();
  return driver;
}
