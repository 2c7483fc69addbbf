/** A server's connection, to which a client speaks at a pace. */

import type { ConnectionReport } from "../../../../src/transport/transport.js";
import { FakePlatform } from "../../../support/fake-platform.js";
import { codeName, frames, frameType } from "../../../support/frames.js";
import { ServerFixture } from "../../../transport/server-fixture.js";
import type { ReceivedFrame } from "../../../transport/wire-peer.js";
import { EchoHandlers, type HandlerRecord } from "./echo-handlers.js";
import { goAtPace, type Pace } from "./pace.js";

export interface CallOutcome {
  /** Undefined: no handler was started. */
  readonly handler: HandlerRecord | undefined;
  /** What the client got: headers, octets, trailers. */
  readonly answer: string;
}

export interface ServerOutcome {
  readonly calls: ReadonlyMap<number, CallOutcome>;
  /** What the connection holds once everything has come, and once all calls are gone. */
  readonly report: ConnectionReport;
  readonly emptied: ConnectionReport;
  readonly closed: readonly string[];
}

/** @param ids Streams of all calls. */
export function playServer(pace: Pace, ids: readonly number[]): ServerOutcome {
  const platform = new FakePlatform();
  const handlers = new EchoHandlers(platform);
  const fixture = new ServerFixture({ limits: pace.limits, settings: undefined, invoker: handlers, platform });
  goAtPace(
    pace,
    (chunk) => fixture.client.sendNow(chunk),
    () => platform.runTurn(),
  );
  const calls = new Map<number, CallOutcome>();
  const answers = answersOf(fixture.client.take());
  for (const id of new Set([...handlers.records.keys(), ...answers.keys()])) {
    calls.set(id, { handler: handlers.records.get(id), answer: answers.get(id) ?? "" });
  }
  const report = fixture.transport.report();
  if (fixture.closed.length === 0) fixture.client.send(...ids.map((id) => frames.rst(id, 8)));
  return { calls, report, emptied: fixture.transport.report(), closed: fixture.closed };
}

/** What came on each stream, DATA joined: where it was cut depends on windows and turns. */
function answersOf(received: readonly ReceivedFrame[]): Map<number, string> {
  const answers = new Map<number, string>();
  for (const { type, flags, streamId, payload, fields } of received) {
    let words = "";
    if (type === frameType.HEADERS) words = `\n${fields.join(" ")}\n`;
    else if (type === frameType.DATA) words = payload.toString("latin1");
    // An end without an error behind the answer asks for no more requests, where they have not all come by then.
    else if (type === frameType.RST_STREAM && payload.readUInt32BE(0) !== 0) words = codeName(payload.readUInt32BE(0));
    else continue;
    if (type !== frameType.RST_STREAM && (flags & 1) !== 0) words += " END_STREAM";
    answers.set(streamId, (answers.get(streamId) ?? "") + words);
  }
  return answers;
}
