/** Turns a failure into something that one can work with: the shortest input, the steps, and how to play it again. */
import type { Failure } from "./fuzz-loop.js";
import { runGuarded } from "./guarded-run.js";
import { minimise } from "./minimise.js";
import { Tape } from "./tape.js";
import type { FuzzTarget } from "./target.js";

/** An input that is not through by then hangs; a minimiser has to wait for each one that does. */
const timeoutMs = 2000;

/** What is wrong with an input, undefined when nothing is. */
export function errorOf(target: FuzzTarget, input: Uint8Array, words?: string[]): Error | undefined {
  let found: Error | undefined;
  const hasEnded = runGuarded(() => {
    const tape = new Tape(input);
    tape.words = words;
    try {
      target.run(tape);
    } catch (error) {
      found = error instanceof Error ? error : new Error(String(error));
    }
  }, timeoutMs);
  return hasEnded ? found : new Error(`the input did not come to an end in ${timeoutMs} ms`);
}

/** The report, line by line. `command` is what repeats one input, up to its hexadecimal octets. */
export function reportFailure(target: FuzzTarget, failure: Failure, command: string): string[] {
  const first = errorOf(target, failure.tape);
  if (first === undefined) {
    return [
      "the input fails only behind those that came before it: repeat the run with its seed",
      `input: ${hexOf(failure.tape)}`,
      String(failure.error.stack),
    ];
  }
  const what = kindOf(first);
  const attempts = what.includes("did not come to an end") ? 40 : 4000;
  const smallest = minimise(failure.tape, (input) => kindOf(errorOf(target, input)) === what, attempts);
  const words: string[] = [];
  const error = errorOf(target, smallest, words);
  return [String(error?.stack), "", ...words, "", `input: ${hexOf(smallest)}`, `repeat: ${command} ${hexOf(smallest)}`];
}

/** The same sentence with other numbers is the same failure. */
function kindOf(error: Error | undefined): string {
  return error === undefined ? "" : (error.message.split("\n")[0] as string).replace(/[0-9]+/g, "0");
}

function hexOf(octets: Uint8Array): string {
  return Buffer.from(octets).toString("hex");
}
