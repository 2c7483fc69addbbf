/** The text of anything that can be thrown. Never throws. */
export function textOfThrown(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    return "an error without a text";
  }
}
