/** Connections into a session of either role: frames right and wrong, cut anywhere, between commands and as time goes by. */
import assert from "node:assert/strict";
import { defaultHttp2Limits, type Http2Limits } from "../../../../src/http2/limits.js";
import type { Http2Session } from "../../../../src/http2/session.js";
import type { Tape } from "../../tape.js";
import type { FuzzTarget } from "../../target.js";
import { Connection } from "./connection.js";

const small: Http2Limits = {
  ...defaultHttp2Limits,
  maxConcurrentStreams: 3,
  maxHeaderListBytes: 600,
  maxHeaderFields: 10,
  maxContinuationFrames: 3,
  maxRetainedHeaderBytes: 500,
  streamWindowBytes: 3000,
  connectionWindowBytes: 66_000,
  maxSettingsEntries: 4,
  maxQueuedControlFrames: 4,
  streamSendBufferBytes: 2000,
  maxInformationalResponses: 2,
  maxStreamId: 41,
};
/** Windows so small that no byte may be forgotten, and little patience. */
const strict: Http2Limits = {
  ...defaultHttp2Limits,
  streamWindowBytes: 200,
  maxSettingsPerSecond: 1,
  maxPings: 3,
  maxWindowUpdates: 8,
  maxEmptyDataFrames: 2,
  maxUselessFrames: 8,
  maxPrematureResets: 2,
};
const smallFrames: Http2Limits = { ...defaultHttp2Limits, maxFrameBytes: 16384 };
const allLimits = [defaultHttp2Limits, small, strict, smallFrames];

export class FramesTarget implements FuzzTarget {
  readonly watched = ["src/http2/", "src/hpack/", "src/base/"];
  /** Two arenas of 64 KiB, what was commanded and may not leave, tables, and a frame that came in part. */
  readonly maxRetainedBytes = 512 * 1024;

  run(tape: Tape): Http2Session {
    const choice = tape.byte();
    const role = (choice & 1) === 0 ? "server" : "client";
    const limits = allLimits[(choice >>> 1) & 3] as Http2Limits;
    tape.feedNumber(choice & 7);
    tape.words?.push(`${role}, limits ${(choice >>> 1) & 3}`);
    const connection = new Connection(role, limits, tape);
    connection.begin();
    while (!tape.done && connection.isWorthGoingOn) connection.step();
    connection.end();
    assert.ok(connection.session.closed);
    return connection.session;
  }
}
