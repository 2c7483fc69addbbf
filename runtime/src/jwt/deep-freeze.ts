/** Makes JSON, as it was parsed, unchangeable. A list of what is to do instead of recursion: a stranger wrote it. */
export function deepFreeze<T>(json: T): T {
  const rest: unknown[] = [json];
  while (rest.length > 0) {
    const value = rest.pop();
    if (typeof value !== "object" || value === null) continue;
    Object.freeze(value);
    rest.push(...Object.values(value));
  }
  return json;
}
