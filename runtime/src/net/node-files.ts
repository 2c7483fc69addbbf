import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Files, FileWatch } from "../base/files.js";
import { PathWatch } from "./path-watch.js";
import { errorCode, fileError } from "./system-error.js";

/** Nothing else in this process may write to the same temporary file. */
let written = 0;

/** A pipe that somebody has put in the place of a file would hold one of the process's few threads until it is written to. */
const openFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

async function readWhole(file: FileHandle, maxBytes: number): Promise<Uint8Array> {
  const found = await file.stat();
  if (found.isDirectory()) throw new Error("it is a folder");
  if (!found.isFile()) throw new Error("it is not a file");
  if (found.size > maxBytes) throw new Error(`it is ${found.size} bytes long, limit ${maxBytes}`);
  const content = await file.readFile();
  if (content.length <= maxBytes) return content;
  throw new Error(`it is ${content.length} bytes long, limit ${maxBytes}`);
}

/** The file system as Node shows it. */
export class NodeFiles implements Files {
  async read(path: string, maxBytes: number): Promise<Uint8Array | undefined> {
    try {
      const file = await open(path, openFlags);
      try {
        return await readWhole(file, maxBytes);
      } finally {
        await file.close();
      }
    } catch (cause) {
      if (errorCode(cause) === "ENOENT") return undefined;
      throw fileError("read", path, cause);
    }
  }

  async list(folder: string): Promise<readonly string[] | undefined> {
    try {
      return await readdir(folder);
    } catch (cause) {
      if (errorCode(cause) === "ENOENT") return undefined;
      throw fileError("list", folder, cause);
    }
  }

  /**
   * The temporary file is beside the real one, on the same file system, and hidden: a rename there is one step. It is not
   * forced to the disk, so a power failure may lose it; a crash of this process cannot.
   */
  async replace(path: string, content: Uint8Array): Promise<void> {
    const folder = dirname(path);
    const temporary = join(folder, `.${basename(path)}.${process.pid}.${written++}.tmp`);
    try {
      await mkdir(folder, { recursive: true });
      await writeFile(temporary, content);
      await rename(temporary, path);
    } catch (cause) {
      await rm(temporary, { force: true }).catch(() => {});
      throw fileError("write", path, cause);
    }
  }

  async remove(path: string): Promise<void> {
    try {
      await rm(path, { force: true });
    } catch (cause) {
      throw fileError("remove", path, cause);
    }
  }

  watch(path: string, onChange: () => void): FileWatch {
    return new PathWatch(path, onChange);
  }
}
