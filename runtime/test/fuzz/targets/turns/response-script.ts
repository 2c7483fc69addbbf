/** What a gRPC server answers to calls that are open: headers, messages in parts and together, trailers, resets, GOAWAY. */
import { frames, frameType } from "../../../support/frames.js";
import { framed } from "../../../transport/text-method.js";
import type { Tape } from "../../tape.js";
import { uint32, WireWriter } from "../frames/wire-writer.js";
import type { CallScript } from "./request-script.js";

interface Answer {
  readonly id: number;
  state: "open" | "headers" | "ended";
  rest: Buffer;
}

/** @param calls How many calls the client has open, on streams 1, 3, 5 and so on. */
export function responseScript(tape: Tape, calls: number): CallScript {
  const writer = new ResponseWriter(tape, calls);
  while (!tape.done && writer.hasRoom) writer.step();
  return writer.finish();
}

class ResponseWriter {
  readonly #tape: Tape;
  readonly #out = new WireWriter();
  readonly #answers: readonly Answer[];
  readonly #resets = new Set<number>();
  #isBroken = false;

  constructor(tape: Tape, calls: number) {
    this.#tape = tape;
    this.#answers = Array.from({ length: calls }, (_, i) => ({ id: 2 * i + 1, state: "open", rest: Buffer.alloc(0) }));
  }

  get hasRoom(): boolean {
    return !this.#isBroken && this.#out.hasRoom(8192);
  }

  step(): void {
    const choice = this.#tape.byte();
    const answer = this.#answers[this.#tape.byte() % this.#answers.length] as Answer;
    if (choice >= 254) this.#break();
    else if (choice >= 252) this.#goAway();
    else if (choice >= 236) this.#out.frame(frameType.PING, 0, 0, uint32(choice, 1));
    else if (answer.state === "ended") return;
    else if (choice >= 230) this.#reset(answer);
    else if (answer.state === "open") this.#headers(answer, choice);
    else if (choice < 110) this.#messages(answer);
    else if (choice < 180) this.#part(answer, choice);
    else this.#trailers(answer, choice);
  }

  finish(): CallScript {
    const out = this.#out;
    out.finish();
    const ids = this.#answers.map(({ id }) => id);
    return { bytes: out.bytes.subarray(out.start, out.at), ids, resets: this.#resets, isBroken: this.#isBroken };
  }

  #headers(answer: Answer, choice: number): void {
    const headers = frames.headers(answer.id).response(200, "content-type", "application/grpc");
    const only = frames.headers(answer.id).response(200, "content-type", "application/grpc", "grpc-status", "5");
    answer.state = choice < 20 ? "ended" : "headers";
    this.#out.raw((choice < 20 ? only.endStream() : headers).build());
  }

  #messages(answer: Answer): void {
    const messages = [answer.rest];
    for (let count = 1 + this.#tape.below(6); count > 0; count--)
      messages.push(framed("m".repeat(this.#tape.below(9))));
    answer.rest = Buffer.alloc(0);
    this.#data(answer, Buffer.concat(messages));
  }

  #part(answer: Answer, choice: number): void {
    if (answer.rest.length === 0) answer.rest = framed("p".repeat(this.#tape.byte()));
    const size = Math.min(answer.rest.length, 1 + (choice & 15));
    this.#data(answer, answer.rest.subarray(0, size));
    answer.rest = answer.rest.subarray(size);
  }

  #trailers(answer: Answer, choice: number): void {
    const status = choice < 220 ? "0" : "13";
    this.#out.raw(frames.headers(answer.id).fields("grpc-status", status).endStream().build());
    answer.state = "ended";
  }

  #reset(answer: Answer): void {
    this.#out.frame(frameType.RST_STREAM, 0, answer.id, uint32(this.#tape.below(14)));
    this.#resets.add(answer.id);
    answer.state = "ended";
  }

  /** Calls above the last stream end at once, as if they had been reset. */
  #goAway(): void {
    const last = 2 * this.#tape.below(this.#answers.length) + 1;
    this.#out.frame(frameType.GOAWAY, 0, 0, uint32(last, 0));
    for (const answer of this.#answers) {
      if (answer.id <= last || answer.state === "ended") continue;
      this.#resets.add(answer.id);
      answer.state = "ended";
    }
  }

  #break(): void {
    this.#out.frame(frameType.PING, 0, 1, uint32(1, 1));
    this.#isBroken = true;
  }

  #data(answer: Answer, payload: Buffer): void {
    const padding = this.#tape.oneIn(5) ? this.#tape.byte() : -1;
    this.#out.header(frameType.DATA, padding < 0 ? 0 : 8, answer.id, payload.length + (padding < 0 ? 0 : 1 + padding));
    if (padding >= 0) this.#out.fill(padding, 1);
    this.#out.raw(payload);
    if (padding > 0) this.#out.fill(0, padding);
  }
}
