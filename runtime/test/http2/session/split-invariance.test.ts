import assert from "node:assert/strict";
import { HeaderBlock } from "../../../src/hpack/header-block.js";
import type { SessionEvent } from "../../../src/http2/session-event.js";
import { forSeeds, type SeededRandom } from "../../hpack/random.js";
import { bytesOf, clientPreface, frames, type Part } from "../../support/frames.js";
import { allFields, describeEvent, LoneSession } from "../lone-session.js";

const request = new HeaderBlock([":method", "POST", ":scheme", "http", ":path", "/s/m"]);
const limits = { streamWindowBytes: 3000, connectionWindowBytes: 66_000, maxConcurrentStreams: 8 };

const clientStreams = 6;

/** Everything that a peer could see or an owner hear: events with their contents, DATA that follows on itself joined, and all output. */
interface Trace {
  readonly events: string[];
  readonly output: string;
}

function play(role: "client" | "server", chunks: readonly Uint8Array[]): Trace {
  const lone = new LoneSession(role, limits);
  const events: SessionEvent[] = [];
  if (role === "client") {
    lone.greet();
    for (let i = 0; i < clientStreams; i++) lone.session.openStream(request, i % 2 === 0);
  }
  for (const chunk of chunks) {
    lone.session.receive(chunk, 0);
    events.push(...lone.takeEvents());
  }
  lone.session.receiveEnd(0);
  events.push(...lone.takeEvents());
  return { events: describeAll(events), output: lone.sentBytes().toString("hex") };
}

function describeAll(events: readonly SessionEvent[]): string[] {
  const words: string[] = [];
  let data = "";
  for (const [index, event] of events.entries()) {
    if (event.type === "data") {
      data += Buffer.from(event.bytes.subarray(event.start, event.end)).toString("hex");
      const next = events[index + 1];
      if (next?.type === "data" && next.streamId === event.streamId) continue;
      words.push(`data ${event.streamId} ${data}${event.endStream ? " END_STREAM" : ""}`);
      data = "";
    } else {
      const message = "message" in event ? ` ${event.message}` : "";
      const fields = event.type === "headers" ? ` ${JSON.stringify(allFields(event.headers))}` : "";
      words.push(`${describeEvent(event)}${message}${fields}`);
    }
  }
  return words;
}

function randomCuts(bytes: Buffer, random: SeededRandom): Buffer[] {
  const chunks: Buffer[] = [];
  const most = random.pick([3, 30, 300]);
  for (let at = 0; at < bytes.length; ) {
    const size = random.below(most);
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

/** A peer that keeps to the protocol, but for a frame now and then that it must not send. */
class RandomPeer {
  #opened = 0;

  constructor(
    readonly role: "client" | "server",
    readonly random: SeededRandom,
  ) {}

  frame(): Part {
    const { random } = this;
    const kind = random.below(28);
    const id = this.#knownId();
    if (kind < 5 || (this.role === "server" && this.#opened === 0)) return this.#first();
    if (kind < 7) return this.#trailers(id);
    if (kind < 18) return this.#data(id);
    if (kind === 18) return frames.rst(id, random.below(16));
    if (kind < 21) return frames.windowUpdate(random.pick([0, id]), 1 + random.below(3000));
    if (kind === 21) return frames.settings(random.pick([1, 3, 4, 0x99]), random.below(20_000));
    if (kind === 22) return frames.ping(random.text(8, "abcdef"));
    if (kind === 23) return frames.priority(id, 98 + random.below(9));
    if (kind === 24) return frames.raw(10 + random.below(240), random.below(256), id, random.bytes(random.below(40)));
    if (kind === 25) return frames.settingsAck();
    return random.below(6) === 0 ? this.#violation(id) : frames.goAway(6 + random.below(12), random.below(14), "debug");
  }

  /** A stream that is there, or was. */
  #knownId(): number {
    const { role, random } = this;
    return 2 * random.below(role === "client" ? clientStreams : Math.max(1, this.#opened)) + 1;
  }

  /** A request that opens a stream, or a response. */
  #first(): Part {
    const { role, random } = this;
    const more: string[] = [];
    if (random.below(4) === 0) more.push("content-length", String(random.below(600)));
    if (random.below(20) === 0) more.push("Bad", "x");
    const id = role === "server" ? 2 * this.#opened++ + 1 : this.#knownId();
    const headers = frames.headers(id);
    if (role === "server") headers.request("/s/m", ...more);
    else headers.response(random.pick([200, 200, 200, 103, 404]), ...more);
    if (random.below(6) === 0) headers.padded(random.below(20));
    if (random.below(8) === 0) headers.priority(100);
    if (random.below(5) === 0) headers.endStream();
    return random.below(8) === 0 ? splitHeaders(headers.build(), random) : headers;
  }

  #trailers(id: number): Part {
    const headers = frames.headers(id).fields("grpc-status", "0", "x", this.random.text(9, "xyz"));
    return this.random.below(4) === 0 ? headers : headers.endStream();
  }

  #data(id: number): Part {
    const { random } = this;
    const data = frames.data(id, random.bytes(random.below(random.pick([1, 20, 400]))));
    if (random.below(3) === 0) data.padded(random.below(256));
    return random.below(8) === 0 ? data.endStream() : data;
  }

  #violation(id: number): Part {
    const { random } = this;
    return random.pick([
      frames.windowUpdate(id, 0),
      frames.data(id + 200, 3),
      frames.raw(random.below(10), random.below(256), random.below(20), random.bytes(random.below(20))),
      frames.raw(0, 8, id, Buffer.of(random.below(256), 0, 0)),
      frames.headers(id).block(random.bytes(random.below(30))),
      frames.settings(5, random.below(20_000)),
    ]);
  }
}

/** HEADERS as HEADERS and CONTINUATION frames. */
function splitHeaders(frame: Buffer, random: SeededRandom): Buffer {
  const id = frame.readUInt32BE(5);
  const flags = frame[4] as number;
  if ((flags & 0x28) !== 0) return frame;
  const block = frame.subarray(9);
  const cut = 1 + random.below(block.length - 1);
  return bytesOf(
    frames.raw(1, flags & ~4, id, block.subarray(0, cut)),
    frames.continuation(id, block.subarray(cut)).endHeaders(),
  );
}

function randomConnection(role: "client" | "server", random: SeededRandom): Buffer {
  const parts: Part[] = role === "server" ? [clientPreface, frames.settings(4, random.below(70_000))] : [];
  const peer = new RandomPeer(role, random);
  for (let i = random.below(60); i > 0; i--) parts.push(peer.frame());
  const bytes = bytesOf(...parts);
  return random.below(2) === 0 ? bytes : mutated(bytes, random);
}

/** Some bytes changed, dropped or put in. */
function mutated(bytes: Buffer, random: SeededRandom): Buffer {
  let mutant = bytes;
  for (let i = 1 + random.below(3); i > 0; i--) {
    const at = random.below(mutant.length + 1);
    const cut = at + random.below(3);
    mutant = Buffer.concat([mutant.subarray(0, at), random.bytes(random.below(3)), mutant.subarray(cut)]);
  }
  return mutant;
}

describe("Http2Session: where the bytes are cut makes no difference", () => {
  for (const role of ["server", "client"] as const) {
    it(`to a ${role}`, () => {
      let lively = 0;
      forSeeds(1500, (random) => {
        const bytes = randomConnection(role, random);
        const whole = play(role, [bytes]);
        const single = play(
          role,
          Array.from(bytes, (_, at) => bytes.subarray(at, at + 1)),
        );
        assert.deepEqual(single, whole);
        assert.deepEqual(play(role, randomCuts(bytes, random)), whole);
        if (whole.events.length > 8) lively += 1;
      });
      assert.ok(lively > 300, `${lively} connections had more than a few events`);
    }).timeout(60_000);
  }
});
