/** Entries in the static table; the dynamic table begins at the next index (RFC 7541 §2.3.3). */
export const staticTableLength = 61;

/** RFC 7541 Appendix A in its order. A name alone has an empty value. */
// biome-ignore format: a table
const entries: readonly string[] = [
  ":authority", ":method GET", ":method POST", ":path /", ":path /index.html", ":scheme http", ":scheme https",
  ":status 200", ":status 204", ":status 206", ":status 304", ":status 400", ":status 404", ":status 500",
  "accept-charset", "accept-encoding gzip, deflate", "accept-language", "accept-ranges", "accept",
  "access-control-allow-origin", "age", "allow", "authorization", "cache-control", "content-disposition",
  "content-encoding", "content-language", "content-length", "content-location", "content-range", "content-type",
  "cookie", "date", "etag", "expect", "expires", "from", "host", "if-match", "if-modified-since", "if-none-match",
  "if-range", "if-unmodified-since", "last-modified", "link", "location", "max-forwards", "proxy-authenticate",
  "proxy-authorization", "range", "referer", "refresh", "retry-after", "server", "set-cookie",
  "strict-transport-security", "transfer-encoding", "user-agent", "vary", "via", "www-authenticate",
];

/** Names and values by index, 1 to 61; index 0 is no entry and holds empty text. */
export const staticNames: readonly string[] = ["", ...entries.map((entry) => entry.split(" ", 1).join())];
export const staticValues: readonly string[] = ["", ...entries.map((entry) => entry.split(" ").slice(1).join(" "))];

/** A name of the static table: its first index, and the index of each value under it, the empty one included. */
export interface StaticName {
  readonly index: number;
  readonly values: ReadonlyMap<string, number>;
}

export const staticNameTable: ReadonlyMap<string, StaticName> = indexByName();

function indexByName(): Map<string, StaticName> {
  const names = new Map<string, { index: number; values: Map<string, number> }>();
  for (let index = 1; index <= staticTableLength; index++) {
    const name = staticNames[index] as string;
    let entry = names.get(name);
    if (entry === undefined) {
      entry = { index, values: new Map() };
      names.set(name, entry);
    }
    entry.values.set(staticValues[index] as string, index);
  }
  return names;
}
