/** What a server decided about a client, read from its frames. */
import { codeName, frameType, type WireFrame } from "../../support/frames.js";

/** The PING that follows a probe: who answers it has not ended the connection. */
export const lastPing = "lastping";

export interface Decision {
  readonly kind: "accept" | "stream error" | "connection error";
  /** Name of the error code, "closed" where the connection ended without one. */
  readonly code: string;
}

/** @param sent What was sent from the probe on. The answer to the last PING may be in front of resets. */
export function decisionOf(sent: readonly WireFrame[]): Decision {
  let streamError: string | undefined;
  for (const { type, payload } of sent) {
    const code = type === frameType.GOAWAY ? payload.readUInt32BE(4) : 0;
    if (code !== 0) return { kind: "connection error", code: codeName(code) };
    // NO_ERROR is how a server says that it needs no more of a request (RFC 9113 §8.1).
    const reset = type === frameType.RST_STREAM ? payload.readUInt32BE(0) : 0;
    if (reset !== 0) streamError ??= codeName(reset);
  }
  if (!sent.some(isLastPong)) return { kind: "connection error", code: "closed" };
  return streamError === undefined ? { kind: "accept", code: "" } : { kind: "stream error", code: streamError };
}

export function isLastPong({ type, flags, payload }: WireFrame): boolean {
  return type === frameType.PING && (flags & 0x1) !== 0 && payload.toString("latin1") === lastPing;
}
