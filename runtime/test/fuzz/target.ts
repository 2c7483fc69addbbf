import type { Tape } from "./tape.js";

/** Code under test, made ready to be fed with anything. */
export interface FuzzTarget {
  /** Parts of the paths of the scripts whose coverage guides: what the target is about. */
  readonly watched: readonly string[];
  /** Memory that what `run` returns may hold, whatever the input, in bytes. */
  readonly maxRetainedBytes: number;
  /**
   * Plays one input; throws when a rule is broken. Returns the objects that would live on between two reads of a
   * connection, so that what they hold can be measured. Synchronous: a promise is never made.
   */
  run(tape: Tape): unknown;
}
