import http2 from "node:http2";
import { clientPreface, frames, frameType, type WireFrame } from "../../support/frames.js";
import { NodeHttp2Wire } from "../../support/node-http2-wire.js";
import { type Decision, decisionOf, isLastPong, lastPing } from "./decision.js";
import { holdPath, type Probe, type Prober, requestOpen, resetField, resetPath } from "./probe.js";

/** A turn of the event loop, in which node:http2 says what it has to. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
/** Turns that node:http2 may need for what it does a turn later: a reset, the end. */
const turnsBehind = 3;
const mostTurns = 1000;

/** Answers a request when it has ended, unless its path says otherwise. */
function serve(wire: NodeHttp2Wire): void {
  const server = http2.createServer();
  server.on("sessionError", () => {});
  server.on("stream", (stream, headers) => {
    stream.on("error", () => {});
    const path = headers[":path"];
    if (path === resetPath) stream.close(http2.constants.NGHTTP2_CANCEL);
    else if (path !== holdPath) {
      stream.on("end", () => {
        if (!stream.destroyed && !stream.headersSent) stream.respond({ ":status": 200 }, { endStream: true });
      });
    }
    stream.resume();
  });
  server.emit("connection", wire);
}

/** Sends one request. */
function ask(wire: NodeHttp2Wire, endStream: boolean): void {
  // As ours, which takes no pushes.
  const settings = { enablePush: false };
  const client = http2.connect("http://test", { createConnection: () => wire, settings });
  client.on("error", () => {});
  const stream = client.request({ ":method": "POST", ":path": "/s/m" }, { endStream });
  stream.on("error", () => {});
  stream.on("response", (headers) => {
    if (headers[resetField] !== undefined) stream.close(http2.constants.NGHTTP2_CANCEL);
  });
  stream.resume();
}

/** What has come when all is done that a probe's setup leads to. */
function isPrepared(prober: Prober, { state }: Probe, sent: readonly WireFrame[]): boolean {
  const has = (type: number): boolean => sent.some((frame) => frame.type === type);
  const hasHeaders = prober === "server" || state === "ended" || state === "passed over";
  if (hasHeaders && !has(frameType.HEADERS)) return false;
  if (state === "reset by us" && !has(frameType.RST_STREAM)) return false;
  return has(frameType.PING);
}

/** What node:http2 decides about the peer that sends a probe. */
export async function decideNodes(prober: Prober, probe: Probe): Promise<Decision> {
  const sent: WireFrame[] = [];
  const wire = new NodeHttp2Wire(prober === "client" ? 0 : clientPreface.length, (frame) => sent.push(frame));
  const until = async (isReached: () => boolean): Promise<void> => {
    for (let turns = 0; turns < mostTurns && !isReached() && !wire.isOver; turns++) await turn();
    for (let turns = 0; turns < turnsBehind; turns++) await turn();
  };
  if (prober === "client") serve(wire);
  else ask(wire, probe.state !== requestOpen);
  const settings = [frames.settings().build(), frames.settingsAck().build()];
  wire.push(Buffer.concat(prober === "client" ? [clientPreface, ...settings] : settings));
  // A client's request must be out before there is an answer to it.
  await until(() => prober === "client" || sent.some(({ type }) => type === frameType.HEADERS));
  wire.push(Buffer.concat([probe.setup, frames.ping("prepared").build()]));
  await until(() => isPrepared(prober, probe, sent));
  const before = sent.length;
  wire.push(Buffer.concat([probe.bytes, frames.ping(lastPing).build()]));
  await until(() => sent.slice(before).some((frame) => isLastPong(frame) || frame.type === frameType.GOAWAY));
  wire.destroy();
  return decisionOf(sent.slice(before));
}
