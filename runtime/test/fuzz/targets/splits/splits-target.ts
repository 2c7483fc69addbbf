/**
 * Where the bytes of a peer are cut makes no difference: whole, octet by octet and at random places they make the same
 * events and the same output. Budgets of a turn are off, and output is taken behind the last byte, for what may leave
 * earlier is another connection.
 */
import assert from "node:assert/strict";
import { defaultHttp2Limits, type Http2Limits } from "../../../../src/http2/limits.js";
import { SeededRandom } from "../../../hpack/random.js";
import type { Tape } from "../../tape.js";
import type { FuzzTarget } from "../../target.js";
import { PeerGrammar } from "../frames/peer-grammar.js";
import { WireWriter } from "../frames/wire-writer.js";
import { clientStreams, playSplit, type SplitTrace } from "./split-play.js";

const noTurns = { maxQueuedControlFrames: Number.POSITIVE_INFINITY };
const allLimits: readonly Http2Limits[] = [
  { ...defaultHttp2Limits, ...noTurns },
  {
    ...defaultHttp2Limits,
    ...noTurns,
    maxConcurrentStreams: 5,
    maxHeaderListBytes: 600,
    maxHeaderFields: 10,
    maxContinuationFrames: 3,
    maxRetainedHeaderBytes: 1000,
    streamWindowBytes: 3000,
    connectionWindowBytes: 66_000,
    maxEmptyDataFrames: 3,
    maxUselessFrames: 20,
    maxPings: 5,
    maxInformationalResponses: 2,
  },
];
/** Largest piece of a random cut. */
const mostOctets = [3, 30, 300];

export class SplitsTarget implements FuzzTarget {
  readonly watched = ["src/http2/", "src/hpack/"];
  /** Nothing is kept but what was compared. */
  readonly maxRetainedBytes = 512 * 1024;
  /** Connections that came to more than a few events: the others prove little. */
  lively = 0;

  run(tape: Tape): unknown {
    const choice = tape.byte();
    const role = (choice & 1) === 0 ? "server" : "client";
    const limits = allLimits[(choice >>> 1) & 1] as Http2Limits;
    const random = new SeededRandom(tape.uint16());
    const bytes = connectionOf(tape, role);
    tape.feedNumber(choice & 3);
    tape.feed(bytes, 0, bytes.length);
    tape.words?.push(`${role}, limits ${(choice >>> 1) & 1}: ${bytes.toString("hex")}`);
    const whole = playSplit(role, limits, [bytes], "each");
    if (whole.events.length > 8) this.lively += 1;
    demandSame(playSplit(role, limits, octetByOctet(bytes), "each"), whole, "octet by octet");
    const cuts = randomCuts(bytes, random);
    tape.words?.push(`cut to ${cuts.map(({ length }) => length).join()}`);
    demandSame(playSplit(role, limits, cuts, random.pick(["each", "last"])), whole, "cut at random places");
    return whole;
  }
}

function connectionOf(tape: Tape, role: "client" | "server"): Buffer {
  const writer = new WireWriter();
  const peer = new PeerGrammar(role, writer);
  peer.greet(tape);
  if (role === "client") peer.sawStreams(clientStreams);
  while (!tape.done && writer.hasRoom(4096)) peer.frame(tape);
  writer.finish();
  return writer.bytes.subarray(writer.start, writer.at);
}

function* octetByOctet(bytes: Buffer): Iterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at++) yield bytes.subarray(at, at + 1);
}

/** Pieces of all sizes, empty ones among them. */
function randomCuts(bytes: Buffer, random: SeededRandom): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  const most = random.pick(mostOctets);
  for (let at = 0; at < bytes.length; ) {
    const size = random.below(most);
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

function demandSame(trace: SplitTrace, whole: SplitTrace, how: string): void {
  for (let i = 0; i < Math.max(trace.events.length, whole.events.length); i++) {
    if (trace.events[i] === whole.events[i]) continue;
    assert.fail(`${how}, event ${i} is ${trace.events[i]}, fed whole it is ${whole.events[i]}`);
  }
  if (trace.output.equals(whole.output)) return;
  assert.fail(`${how}, the output is ${trace.output.toString("hex")}, fed whole it is ${whole.output.toString("hex")}`);
}
