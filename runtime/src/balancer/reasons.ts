/** More would hide the sentence in its own details. */
const maxReasons = 3;

/** Several reasons as one clause. */
export function joinReasons(reasons: readonly string[]): string {
  const shown = reasons.slice(0, maxReasons);
  const more = reasons.length - shown.length;
  return more === 0 ? shown.join("; ") : `${shown.join("; ")}; and ${more} more`;
}
