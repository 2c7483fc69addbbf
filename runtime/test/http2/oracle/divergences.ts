/** Where we decide otherwise than node:http2 (nghttp2), each with the section that settles it or leaves it open. */
import type { Decision } from "./decision.js";
import type { Probe } from "./probe.js";

export interface Divergence {
  /** Of stream 1, and a frame that is among those of the probe: see probe.ts. */
  readonly state: RegExp;
  readonly frame: RegExp;
  readonly ours: Decision["kind"];
  readonly nodes: readonly Decision["kind"][];
  readonly section: string;
  readonly why: string;
}

const any = /^/;

const divergences: readonly Divergence[] = [
  {
    state: /^ended$/,
    frame: /^(DATA|HEADERS) 1\b/,
    ours: "connection error",
    nodes: ["accept"],
    section: "RFC 9113 §5.1, closed",
    why: "frames behind the sender's own END_STREAM may end the connection; nghttp2 passes over them",
  },
  {
    state: /^reset by the peer$/,
    frame: /^(DATA|HEADERS) 1\b/,
    ours: "stream error",
    nodes: ["accept"],
    section: "RFC 9113 §5.1, closed",
    why: "frames behind the sender's own RST_STREAM are an error of type STREAM_CLOSED; nghttp2 passes over them",
  },
  {
    state: any,
    frame: /^(DATA|HEADERS) [13]\b/,
    ours: "connection error",
    nodes: ["accept"],
    section: "RFC 9113 §5.1.1",
    why: "an id that was passed over must not be used: PROTOCOL_ERROR; nghttp2 passes over the frame",
  },
  {
    state: any,
    frame: /^(HEADERS 1|DATA \d+)\b/,
    ours: "stream error",
    nodes: ["connection error"],
    section: "RFC 9113 §5.1, half-closed (remote)",
    why: "a frame behind END_STREAM is a stream error of type STREAM_CLOSED; nghttp2 ends the connection",
  },
  {
    state: any,
    frame: /^DATA 1 with padding/,
    ours: "connection error",
    nodes: ["accept"],
    section: "RFC 9113 §6.1",
    why: "padding longer than the frame is PROTOCOL_ERROR of the connection; nghttp2 does not read what is on a closed stream",
  },
  {
    state: any,
    frame: /^HEADERS \d+ \((value with|name with a blank|empty name)/,
    ours: "stream error",
    nodes: ["accept"],
    section: "RFC 9113 §8.2.1",
    why: "a request with such a field is malformed; nghttp2 leaves the field out",
  },
  {
    state: any,
    frame: /^HEADERS \d+ .* depending on itself$/,
    ours: "connection error",
    nodes: ["accept", "stream error"],
    section: "RFC 7540 §5.3.1, RFC 9113 §5.3.2",
    why: "a stream cannot depend on itself; nghttp2 looks at the priority of a request, not at that of trailers",
  },
  {
    state: any,
    frame: /^PRIORITY (0 of 5|\d+ of 5 on itself)$/,
    ours: "connection error",
    nodes: ["accept"],
    section: "RFC 9113 §6.3, RFC 7540 §5.3.1",
    why: "PRIORITY needs a stream, and not itself to depend on; newer releases of nghttp2 read none",
  },
  {
    state: any,
    frame: /^PRIORITY \d+ of [046]$/,
    ours: "stream error",
    nodes: ["connection error"],
    section: "RFC 9113 §6.3",
    why: "a wrong length is a stream error of type FRAME_SIZE_ERROR; nghttp2 ends the connection",
  },
  {
    state: any,
    frame: /^WINDOW_UPDATE \d+ \+(0|2147483647)$/,
    ours: "stream error",
    nodes: ["connection error"],
    section: "RFC 9113 §6.9, §6.9.1",
    why: "an increment of 0 and a window above 2^31-1 are stream errors; node ends the connection",
  },
  {
    state: any,
    frame: /^GOAWAY 0 of (8|20)$/,
    ours: "stream error",
    nodes: ["accept", "connection error"],
    section: "RFC 9113 §6.8",
    why: "GOAWAY of a client says nothing of its own streams; node closes the connection and looks at no more of them",
  },
  {
    state: any,
    frame: /^HEADERS 1 \(status 204\)/,
    ours: "accept",
    nodes: ["stream error"],
    section: "RFC 9110 §15.3.5",
    why: "DATA behind a status that has no content is left to the layer above, and gRPC takes no status but 200",
  },
  {
    state: any,
    frame: /^type (10|12|16)$/,
    ours: "accept",
    nodes: ["connection error", "stream error"],
    section: "RFC 9113 §5.5",
    why: "what is not known is ignored; nghttp2 knows ALTSVC, ORIGIN and PRIORITY_UPDATE, and how they must look",
  },
  {
    state: any,
    frame: /^PING ACK 0 of 8$/,
    ours: "accept",
    nodes: ["connection error"],
    section: "RFC 9113 §6.7",
    why: "nothing makes an answer that nobody asked for an error; node ends the connection",
  },
  {
    state: any,
    frame: /^SETTINGS ACK$/,
    ours: "accept",
    nodes: ["connection error"],
    section: "RFC 9113 §6.5.3",
    why: "nothing makes an acknowledgement of nothing an error; node ends the connection",
  },
];

/**
 * Whether a difference is known. Of two frames one may explain our decision or node's: a stream error for the one beside the
 * end of the connection for the other.
 */
export function isKnown({ state, words }: Probe, ours: Decision, nodes: Decision): boolean {
  const explanations = divergences.filter(
    (known) => known.state.test(state) && words.some((frame) => known.frame.test(frame)),
  );
  return explanations.some((known) => {
    const isOurs = known.ours === ours.kind;
    const isNodes = known.nodes.includes(nodes.kind);
    return words.length === 1 ? isOurs && isNodes : isOurs || isNodes;
  });
}
