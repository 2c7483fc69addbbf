/** What JSON.stringify and the parsers bear is thousands; a config of several policies has about ten. */
export const maxNesting = 100;

/** Whether objects and lists stand within each other more than so many times; a value that holds itself does. */
export function isNestedTooDeep(json: unknown, levels: number = maxNesting): boolean {
  if (typeof json !== "object" || json === null) return false;
  return levels === 0 || Object.values(json).some((value) => isNestedTooDeep(value, levels - 1));
}
