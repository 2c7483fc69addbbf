/**
 * The state of a stream (RFC 9113 §5.1), as a table. PUSH_PROMISE is never allowed here, so the reserved states do not
 * occur; `idle` streams have no object.
 *
 *   idle ──headers──▶ open ──our END_STREAM──▶ half-closed (local) ──their END_STREAM──▶ closed
 *                      └──their END_STREAM──▶ half-closed (remote) ──our END_STREAM──▶ closed
 *   RST_STREAM of either side closes from everywhere.
 */
export type StreamState = "open" | "halfClosedLocal" | "halfClosedRemote" | "closed";

export type StreamTransition = "sendEndStream" | "receiveEndStream" | "reset";

const table: Readonly<Record<StreamState, Readonly<Record<StreamTransition, StreamState | undefined>>>> = {
  open: { sendEndStream: "halfClosedLocal", receiveEndStream: "halfClosedRemote", reset: "closed" },
  halfClosedLocal: { sendEndStream: undefined, receiveEndStream: "closed", reset: "closed" },
  halfClosedRemote: { sendEndStream: "closed", receiveEndStream: undefined, reset: "closed" },
  closed: { sendEndStream: undefined, receiveEndStream: undefined, reset: undefined },
};

/** The next state; undefined where the transition is not allowed. */
export function nextStreamState(state: StreamState, transition: StreamTransition): StreamState | undefined {
  return table[state][transition];
}

/** Whether we may still send HEADERS and DATA. */
export function maySend(state: StreamState): boolean {
  return state === "open" || state === "halfClosedRemote";
}

/** Whether the peer may still send HEADERS and DATA. */
export function mayReceive(state: StreamState): boolean {
  return state === "open" || state === "halfClosedLocal";
}
