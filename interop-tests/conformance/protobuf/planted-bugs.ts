/** Bugs that are put into the generated codecs, to see that the suite finds them. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { modules } from "./generate.js";

export interface PlantedBug {
  readonly name: string;
  readonly text: string;
  readonly replacement: string;
}

export const plantedBugs: readonly PlantedBug[] = [
  { name: "a sint32 is read without its zigzag", text: "r.sint32()", replacement: "r.int32()" },
  { name: "unknown fields are not written", text: "putUnknown(w, m.$unknown)", replacement: "undefined" },
  { name: "a uint64 is written as if it were signed", text: "putUint64(", replacement: "putInt64(" },
  { name: "entries of maps are lost", text: "setEntry(", replacement: "void (" },
];

/** Changes the generated codecs below a folder. Throws when the text does not stand in any of them. */
export function plant(folder: string, { name, text, replacement }: PlantedBug): void {
  let places = 0;
  for (const module of modules.files) {
    const file = join(folder, module.replace(/_pb\.js$/, "_godwit.js"));
    const parts = readFileSync(file, "utf8").split(text);
    places += parts.length - 1;
    writeFileSync(file, parts.join(replacement));
  }
  if (places === 0) throw new Error(`"${name}" cannot be planted: no generated codec has ${text}`);
}
