/**
 * One text for what many connections say alike: their dynamic tables would each keep a copy of it for as long as they live.
 * Only of fields that are no secret of anybody's, whatever a peer puts into its table.
 */

const sharedNames: ReadonlyMap<string, string> = new Map(
  [
    ":authority",
    ":path",
    ":scheme",
    "content-type",
    "grpc-accept-encoding",
    "grpc-encoding",
    "grpc-status",
    "te",
    "user-agent",
  ].map((name) => [name, name]),
);

/** Texts that are kept in all, and the longest of them: 64 KiB at most. */
const maxTexts = 512;
const maxTextLength = 128;

const texts = new Map<string, string>();

/** The same name, in the one copy of it that there is, where it is one of the usual ones. */
export function sharedName(name: string): string {
  return sharedNames.get(name) ?? name;
}

/** The same value. */
export function sharedValue(name: string, value: string): string {
  if (value.length > maxTextLength || !sharedNames.has(name)) return value;
  const known = texts.get(value);
  if (known !== undefined) return known;
  // Whoever comes with ever new texts costs the others their copy, no more.
  if (texts.size >= maxTexts) texts.clear();
  texts.set(value, value);
  return value;
}
