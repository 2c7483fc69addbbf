import { lstat, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { textOfThrown } from "../../base/text-of-thrown.js";
import { CommandError } from "../command.js";

export interface OutputFile {
  readonly path: string;
  readonly content: string;
  /** Nobody but its owner may read it. */
  readonly isSecret: boolean;
}

/** Which of these exist, whatever they are. */
export async function existing(paths: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(paths.map((path) => lstat(path).catch(() => undefined)));
  return paths.filter((_path, index) => found[index] !== undefined);
}

/** Puts each file in place in one step: a link that is there is replaced, and what it leads to is left alone. */
export async function writeFiles(files: readonly OutputFile[]): Promise<void> {
  for (const file of files) {
    const temporary = `${file.path}.new`;
    try {
      await mkdir(dirname(file.path), { recursive: true });
      await rm(temporary, { force: true });
      await writeFile(temporary, file.content, { mode: file.isSecret ? 0o600 : 0o644, flag: "wx" });
      await rename(temporary, file.path);
    } catch (cause) {
      await rm(temporary, { force: true }).catch(() => {});
      throw new CommandError(`cannot write ${file.path}: ${textOfThrown(cause)}`);
    }
  }
}
