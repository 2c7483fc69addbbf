/** Waiting until something has stopped to move, without a clock. */

/** Round trips without a change after which a value counts as settled. */
const quietRounds = 25;

/**
 * Reads a value until it has stayed the same over `quietRounds` round trips of another call: as long as bytes are on
 * their way between two sockets of this process, a round trip cannot overtake many of them. Too early an answer makes
 * the value smaller; no upper bound that a test asserts depends on it.
 */
export async function settled(value: () => number, roundTrip: () => Promise<unknown>): Promise<number> {
  let last = value();
  for (let quiet = 0; quiet < quietRounds; quiet++) {
    await roundTrip();
    const now = value();
    if (now !== last) quiet = -1;
    last = now;
  }
  return last;
}
