import type { Tape } from "../../tape.js";

/** Characters that mean something to one parser or another, and some that no field may have. */
const characters = '%,;=+/ \t"\\:-_.0123456789aAfFzZ\u0000\u007f\u0080\u00c3\u00a9\u00e2\u0082\u00ac\u00ff';

/** A text of some of the parts, single characters of a header field among them. */
export function textOf(tape: Tape, parts: readonly string[], most: number): string {
  let text = "";
  for (let count = tape.below(most + 1); count > 0; count--) {
    text += tape.oneIn(3) ? characters[tape.below(characters.length)] : tape.pick(parts);
  }
  tape.feedText(text);
  return text;
}
