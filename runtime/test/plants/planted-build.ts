import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plant } from "./plant.js";

/** runtime/build, from runtime/build/test/plants/. */
const build = fileURLToPath(new URL("../../", import.meta.url));
const modules = fileURLToPath(new URL("../../../../node_modules", import.meta.url));

/** The text of the plant's file with the fault in it. Throws when it does not fit exactly once. */
export function plantedText({ number, name, file, find, replace }: Plant): string {
  const text = readFileSync(join(build, "src", file), "utf8");
  const pieces = text.split(find);
  if (pieces.length === 2) return pieces.join(replace);
  throw new Error(`plant ${number} (${name}) fits ${pieces.length - 1} times into ${file}, expected once`);
}

/** A copy of what was compiled, with a fault in it. The product itself has no hook for that. */
export class PlantedBuild implements Disposable {
  /** Has `src` and `test` as runtime/build has. */
  readonly folder: string;

  constructor(plant: Plant) {
    const text = plantedText(plant);
    this.folder = mkdtempSync(join(tmpdir(), `godwit-plant-${plant.number}-`));
    const isCode = (path: string) => !path.endsWith(".map") && !path.endsWith(".d.ts");
    for (const part of ["src", "test"]) {
      cpSync(join(build, part), join(this.folder, part), { recursive: true, filter: isCode });
    }
    writeFileSync(join(this.folder, "package.json"), '{ "type": "module" }\n');
    symlinkSync(modules, join(this.folder, "node_modules"));
    writeFileSync(join(this.folder, "src", plant.file), text);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
