import process from "node:process";
import { SeededRandom } from "../../hpack/random.js";
import { EventQueue } from "./event-queue.js";
import { TraceHash } from "./trace-hash.js";

/** A law that was broken: which one, when, and what was seen. */
export interface Violation {
  /** The name of the invariant: see invariants in docs/simulator.md. */
  readonly law: string;
  readonly atMs: number;
  readonly message: string;
}

/** No scenario needs as many events: it is a loop. */
const maxEvents = 2_000_000;
/** More would only repeat the first. */
const maxViolations = 20;

/** What everything in one simulated run shares: time, dice, the trace, and the list of what went wrong. */
export class World {
  readonly queue: EventQueue;
  readonly trace = new TraceHash();
  readonly violations: Violation[] = [];
  /** Receives a line for each thing that happens, when somebody wants to read along. */
  log: ((line: string) => void) | undefined;
  /** Called before time goes on, with nothing left to happen now. */
  onRest: () => void = () => {};
  readonly #seed: number;

  constructor(seed: number) {
    this.#seed = seed;
    this.queue = new EventQueue(this.random(1));
  }

  get now(): number {
    return this.queue.now;
  }

  /** Dice of their own for each concern: a throw more in one of them changes none of the others. */
  random(concern: number): SeededRandom {
    return new SeededRandom(Math.imul(this.#seed, 0x9e3779b1) ^ Math.imul(concern, 0x85ebca6b));
  }

  /** Part of the trace, and readable. */
  note(line: string): void {
    this.trace.addMillis(this.now);
    this.trace.addText(line);
    this.log?.(line);
  }

  violate(law: string, message: string): void {
    if (this.violations.length >= maxViolations) return;
    this.violations.push({ law, atMs: this.now, message });
    this.log?.(`VIOLATION ${law}: ${message}`);
  }

  /** Runs something of the product; what it throws would end a real process. */
  guard(what: string, fn: () => void): void {
    try {
      fn();
    } catch (error) {
      this.violate("typed-errors", `${what} threw ${error instanceof Error ? error.stack : String(error)}`);
    }
  }

  /** Lets things happen until `done` says so or nothing is left to happen. Between two events all promises go on. */
  async run(done: () => boolean): Promise<void> {
    await microtasksDone();
    while (!done()) {
      if (this.queue.nextAt > this.now) this.onRest();
      if (!this.queue.step()) return;
      await microtasksDone();
      if (this.queue.ran > maxEvents) {
        this.violate("progress", `${maxEvents} events happened and there is no end`);
        return;
      }
    }
  }
}

/** A tick callback runs when no microtask is left; what it resolves goes on before anything else does. */
export function microtasksDone(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
