import assert from "node:assert/strict";
import { HeaderBlock } from "../../../src/hpack/header-block.js";
import { frames } from "../../support/frames.js";
import { LoneSession } from "../lone-session.js";

const request = new HeaderBlock([":method", "POST", ":scheme", "http", ":path", "/s/m"]);
const maxLength = 20;

/** What a frame may lead to: events, frames of ours, the end of the connection, or nothing; never an exception. */
const lawfulEvents = /^(headers|data|reset|settings|pong|goAway|writable|closed) /;
const lawfulFrames = /^(SETTINGS ACK|PING ACK .*|RST_STREAM \d+ [A-Z_]+|GOAWAY \d+ [A-Z_]+|WINDOW_UPDATE \d+ \+\d+)$/s;

/** A session with a stream in each state: client ids 1 open, 3 half-closed, 5 closed, 7 reset, and the rest idle. */
function prepare(role: "client" | "server"): LoneSession {
  const lone = LoneSession.open(role);
  const { session } = lone;
  if (role === "server") {
    lone.feed(frames.headers(1).request(), frames.headers(3).request().endStream());
    lone.feed(frames.headers(5).request().endStream(), frames.headers(7).request(), frames.rst(7, 8));
    session.sendHeaders(5, new HeaderBlock([":status", "200"]), true);
  } else {
    for (const endStream of [false, true, true, false]) session.openStream(request, endStream);
    lone.sent();
    lone.feed(frames.headers(5).response().endStream(), frames.headers(1).response(), frames.rst(7, 8));
  }
  lone.sent();
  return lone;
}

function payloads(length: number): Buffer[] {
  const counting = Buffer.from(Array.from({ length }, (_, i) => i));
  const indexed = Buffer.alloc(length, 0x82);
  return length === 0 ? [counting] : [Buffer.alloc(length), Buffer.alloc(length, 0xff), counting, indexed];
}

function check(role: "client" | "server", type: number, flags: number, streamId: number, payload: Buffer): string {
  const lone = prepare(role);
  const what = `${role}: type ${type} flags ${flags} stream ${streamId} payload ${payload.toString("hex")}`;
  let outcome: string[];
  try {
    const events = lone.feed(frames.raw(type, flags, streamId, payload));
    const sent = lone.sent();
    for (const event of events) assert.match(`${event} `, lawfulEvents);
    for (const frame of sent) assert.match(frame, lawfulFrames);
    assert.equal(
      events.some((event) => event.startsWith("closed")),
      sent.some((frame) => frame.startsWith("GOAWAY")),
      "whoever closes says GOAWAY",
    );
    assert.equal(lone.session.closed, events.at(-1)?.startsWith("closed") ?? false);
    const resets = events.filter((event) => event.startsWith("reset") && event.endsWith("local"));
    assert.ok(resets.length <= sent.filter((frame) => frame.startsWith("RST_STREAM")).length);
    outcome = [...events, ...sent];
    // The session still works, or is closed for good.
    const wasClosed = lone.session.closed;
    const after = lone.feed(frames.ping("thereyet"));
    const expectsContinuation = type === 1 && (flags & 4) === 0 && !wasClosed && outcome.length === 0;
    if (wasClosed) assert.deepEqual([after, lone.sent()], [[], []]);
    else if (!expectsContinuation) assert.deepEqual([after, lone.sent()], [[], ["PING ACK thereyet"]]);
  } catch (error) {
    throw new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  return outcome.join(", ");
}

describe("Http2Session: every small frame", () => {
  const types = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0x10, 0xff];
  const streamIds = [0, 1, 2, 3, 5, 7, 9, 0x7fffffff];
  const flagSets = [0x00, 0x01, 0x04, 0x05, 0x08, 0x09, 0x0c, 0x0d, 0x20, 0x24, 0x25, 0x2c, 0x2d, 0xff];

  for (const role of ["client", "server"] as const) {
    for (const type of types) {
      it(`type ${type} into a ${role}: an event, a reset, a GOAWAY or nothing`, () => {
        const outcomes = new Set<string>();
        for (const streamId of streamIds) {
          for (const flags of flagSets) {
            for (let length = 0; length <= maxLength; length++) {
              for (const payload of payloads(length)) outcomes.add(check(role, type, flags, streamId, payload));
            }
          }
        }
        assert.ok(outcomes.size > 0);
        if (type > 9) assert.deepEqual([...outcomes], [""], "unknown types do nothing");
        if (type === 5) assert.deepEqual([...outcomes].length, 1, "PUSH_PROMISE always ends the connection");
      }).timeout(60_000);
    }
  }
});
