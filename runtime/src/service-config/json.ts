/** A JSON object as JSON.parse gives it. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(json: unknown): json is JsonObject {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

/** A JSON value as it stands in a sentence, cut where it is long. */
export function show(json: unknown): string {
  return cut(JSON.stringify(json) ?? String(json));
}

/** Words of a stranger as they stand in a sentence, which goes into the status of calls: not more than a few. */
export function cut(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
