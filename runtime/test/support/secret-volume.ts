import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * A folder as Kubernetes mounts a secret: each file is a link to `..data/<file>`, and `..data` a link to the folder of one
 * version, which another takes the place of in one rename.
 */
export class SecretVolume {
  readonly folder: string = mkdtempSync(join(tmpdir(), "godwit-secret-"));
  #version = 0;

  /** The path at which a file is found. */
  path(name: string): string {
    return join(this.folder, name);
  }

  /** Puts all files in the place of those that were there, in one step. */
  swap(files: Readonly<Record<string, string>>): void {
    const before = this.#version;
    const name = `..version-${++this.#version}`;
    mkdirSync(this.path(name));
    for (const [file, content] of Object.entries(files)) writeFileSync(join(this.folder, name, file), content);
    symlinkSync(name, this.path("..data_tmp"));
    renameSync(this.path("..data_tmp"), this.path("..data"));
    if (before > 0) rmSync(this.path(`..version-${before}`), { recursive: true });
    else for (const file of Object.keys(files)) symlinkSync(join("..data", file), this.path(file));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
