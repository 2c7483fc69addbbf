import http2 from "node:http2";
import { clientPreface, frames, frameType, type WireFrame } from "../../support/frames.js";
import { NodeHttp2Wire } from "../../support/node-http2-wire.js";
import { type Decision, decisionOf, isLastPong, lastPing } from "./decision.js";
import { holdPath, type Probe, resetPath } from "./probe.js";

/** A turn of the event loop, in which node:http2 says what it has to. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
/** Turns that node:http2 may need for what it does a turn later: a reset, the end. */
const turnsBehind = 3;
const mostTurns = 1000;

/** What has come when the server has done all that a probe's setup makes it do. */
function isPrepared({ state }: Probe, sent: readonly WireFrame[]): boolean {
  const has = (type: number): boolean => sent.some((frame) => frame.type === type);
  if ((state === "ended" || state === "passed over") && !has(frameType.HEADERS)) return false;
  if (state === "reset by the server" && !has(frameType.RST_STREAM)) return false;
  return has(frameType.PING);
}

function createServer(): http2.Http2Server {
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
  return server;
}

export async function decideNodes(probe: Probe): Promise<Decision> {
  const sent: WireFrame[] = [];
  const wire = new NodeHttp2Wire(0, (frame) => sent.push(frame));
  createServer().emit("connection", wire);
  const until = async (isReached: () => boolean): Promise<void> => {
    for (let turns = 0; turns < mostTurns && !isReached() && !wire.isOver; turns++) await turn();
    for (let turns = 0; turns < turnsBehind; turns++) await turn();
  };
  const start = [clientPreface, frames.settings().build(), frames.settingsAck().build()];
  wire.push(Buffer.concat([...start, probe.setup, frames.ping("prepared").build()]));
  await until(() => isPrepared(probe, sent));
  const before = sent.length;
  wire.push(Buffer.concat([probe.bytes, frames.ping(lastPing).build()]));
  await until(() => sent.slice(before).some((frame) => isLastPong(frame) || frame.type === frameType.GOAWAY));
  wire.destroy();
  return decisionOf(sent.slice(before));
}
