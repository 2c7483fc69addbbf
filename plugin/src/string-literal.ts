/** Characters that end a line or move a terminal's cursor. */
const controls = /[\p{Cc}\u2028\u2029]/gu;

/**
 * A string as a literal of JavaScript, inert wherever the text around it goes: no line separator, no control character,
 * no start of a closing HTML tag.
 */
export function stringLiteral(value: string): string {
  return escapeControls(JSON.stringify(value)).replaceAll("</", "\\u003c/");
}

/** Text on one line, whatever it was made of. */
export function escapeControls(text: string): string {
  return text.replace(controls, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
