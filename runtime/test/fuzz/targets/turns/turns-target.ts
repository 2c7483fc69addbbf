/**
 * Whatever a turn may bring, and however many turns there are between two chunks: a call that nobody broke off comes to
 * the same end, its handler saw the same messages, and the same bytes are held and owed. Of a call that its client reset,
 * or that a broken connection ended, more or less may have happened by then.
 */
import assert from "node:assert/strict";
import { SeededRandom } from "../../../hpack/random.js";
import type { Tape } from "../../tape.js";
import type { FuzzTarget } from "../../target.js";
import { type AnswerOutcome, playClient } from "./client-play.js";
import { atOnce, type Pace, randomPace } from "./pace.js";
import { type CallScript, requestScript } from "./request-script.js";
import { responseScript } from "./response-script.js";
import { type CallOutcome, playServer, type ServerOutcome } from "./server-play.js";

export class TurnsTarget implements FuzzTarget {
  readonly watched = ["src/transport/", "src/http2/"];
  /** Nothing is kept but what was compared. */
  readonly maxRetainedBytes = 1024 * 1024;
  /** Connections with more than a few calls: the others prove little. */
  lively = 0;

  run(tape: Tape): unknown {
    const choice = tape.byte();
    const random = new SeededRandom(tape.uint16());
    tape.feedNumber(choice & 1);
    return (choice & 1) === 0 ? this.#server(tape, random) : this.#client(tape, random, 1 + (choice >>> 5));
  }

  #server(tape: Tape, random: SeededRandom): unknown {
    const script = requestScript(tape);
    this.#note(tape, script);
    const whole = playServer(atOnce(script.bytes), script.ids);
    for (let times = 0; times < 2; times++) {
      const pace = randomPace(script.bytes, random);
      notePace(tape, pace);
      compareServers(script, playServer(pace, script.ids), whole);
    }
    return whole;
  }

  #client(tape: Tape, random: SeededRandom, calls: number): unknown {
    const script = responseScript(tape, calls);
    this.#note(tape, script);
    const whole = playClient(atOnce(script.bytes), calls);
    for (let times = 0; times < 2; times++) {
      const pace = randomPace(script.bytes, random);
      notePace(tape, pace);
      compareClients(script, playClient(pace, calls), whole);
    }
    return whole;
  }

  #note(tape: Tape, { bytes, ids }: CallScript): void {
    tape.feedNumber(ids.length);
    tape.feed(bytes, 0, bytes.length);
    if (ids.length > 3) this.lively += 1;
  }
}

function notePace(tape: Tape, { limits, turns, chunks }: Pace): void {
  tape.words?.push(`${JSON.stringify(limits)}, turns ${turns.join()}`);
  for (const chunk of chunks) tape.words?.push(Buffer.from(chunk).toString("hex"));
}

function compareServers(script: CallScript, paced: ServerOutcome, whole: ServerOutcome): void {
  for (const id of script.ids) {
    const some = paced.calls.get(id);
    const other = whole.calls.get(id);
    if (script.isBroken || script.resets.has(id)) demandAlike(id, some, other);
    else assert.equal(describe(some), describe(other), `the call on stream ${id}`);
  }
  assert.deepEqual(paced.closed, whole.closed);
  if (script.isBroken) return;
  assert.equal(ledgerOf(paced), ledgerOf(whole), "what is held and owed");
  for (const outcome of [paced, whole]) demandNothing(outcome);
}

function demandNothing({ emptied }: ServerOutcome): void {
  const { activeCalls, waitingCalls, retainedHeaderBytes, incompleteBytes, unreadBytes, receiveWindow } = emptied;
  const left = {
    activeCalls,
    waitingCalls,
    retainedHeaderBytes,
    incompleteBytes,
    unreadBytes,
    held: receiveWindow.held,
  };
  assert.ok(
    Object.values(left).every((bytes) => bytes === 0),
    `a connection without calls holds ${JSON.stringify(left)}`,
  );
}

/** Status and headers are the same: what the server says is read in one order, whatever a turn may bring. */
function compareClients(script: CallScript, paced: readonly AnswerOutcome[], whole: readonly AnswerOutcome[]): void {
  for (const [index, id] of script.ids.entries()) {
    const some = paced[index] as AnswerOutcome;
    const other = whole[index] as AnswerOutcome;
    assert.equal(some.end, other.end, `the end of the call on stream ${id}`);
    if (script.isBroken || script.resets.has(id)) demandPrefix(id, some.messages, other.messages);
    else assert.deepEqual(some.messages, other.messages, `messages of the call on stream ${id}`);
  }
}

/** One may have gone further than the other, on the same way. */
function demandAlike(id: number, some: CallOutcome | undefined, other: CallOutcome | undefined): void {
  demandPrefix(id, some?.handler?.messages ?? [], other?.handler?.messages ?? []);
  for (const outcome of [some, other]) {
    assert.match(outcome?.handler?.end ?? "", /^(finished |cancelled \w+ )?$/, `stream ${id} ends once`);
  }
}

function demandPrefix(id: number, some: readonly string[], others: readonly string[]): void {
  const [less, more] = some.length < others.length ? [some, others] : [others, some];
  assert.deepEqual(more.slice(0, less.length), less, `messages of the call on stream ${id}, which was broken off`);
}

function describe(outcome: CallOutcome | undefined): string {
  if (outcome === undefined) return "nothing happened";
  const { handler, answer } = outcome;
  return `${JSON.stringify(handler?.messages)} ${handler?.end} ${JSON.stringify(answer)}`;
}

/**
 * When an increment was worth a frame, and how large the buffer of a message is that has come in part, depend on the
 * turns and cuts; what the bytes add up to does not.
 */
function ledgerOf({ report }: ServerOutcome): string {
  const { activeCalls, waitingCalls, retainedHeaderBytes, unreadBytes, receiveWindow } = report;
  const { available, held, owed } = receiveWindow;
  return JSON.stringify({ activeCalls, waitingCalls, retainedHeaderBytes, unreadBytes, held, rest: available + owed });
}
