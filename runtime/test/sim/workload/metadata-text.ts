import type { MetadataValue } from "../../../src/rpc/metadata.js";

/** Entries as text that can be compared; those of `without` are left out. */
export function textOfMetadata(entries: Iterable<readonly [string, MetadataValue]>, without: string): string {
  const words: string[] = [];
  for (const [key, value] of entries) {
    if (key !== without)
      words.push(`${key}: ${typeof value === "string" ? value : Buffer.from(value).toString("hex")}`);
  }
  return words.join("; ");
}
