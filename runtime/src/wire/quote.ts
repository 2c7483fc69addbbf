import { maxQuotedCharacters } from "./limits.js";

/** What a peer sent, as an error sentence repeats it: in quotes, escaped, cut to a bearable length. */
export function quote(text: string): string {
  return JSON.stringify(text.length > maxQuotedCharacters ? `${text.slice(0, maxQuotedCharacters)}...` : text);
}
