/** A law of this code base was broken: always our own bug, never a peer's or a user's doing. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/** Throws when a law of this code base does not hold. Never used on what a peer sent. */
export function assert(condition: boolean, law: string): asserts condition {
  if (!condition) throw new AssertionError(`internal error: ${law}`);
}
