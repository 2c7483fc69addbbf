import { closeSync, openSync } from "node:fs";
import { devNull } from "node:os";
import { clearImmediate, setImmediate } from "node:timers";
import { inRootScope } from "./root-scope.js";

/**
 * Watches, for a listener, whether this process may open one more file.
 *
 * Where it may not, libuv accepts connections and closes them at once, and Node tells nobody: neither 'error' nor 'drop' comes
 * (Node 20 to 26). So each turn that accepted something looks whether the last file went with it. Accepting itself goes on
 * as soon as a file is free.
 */
export class SpareFileWatch {
  readonly #onNone: (error: unknown) => void;
  #look: NodeJS.Immediate | undefined;
  #hadNone = false;

  /** `onNone` is told once for each time that the files run out. */
  constructor(onNone: (error: unknown) => void) {
    this.#onNone = onNone;
  }

  /** A connection was accepted. */
  onAccept(): void {
    this.#look ??= inRootScope(setImmediate, () => {
      this.#look = undefined;
      this.#check();
    });
  }

  stop(): void {
    clearImmediate(this.#look);
    this.#look = undefined;
  }

  #check(): void {
    const error = spareFileError();
    const hadNone = this.#hadNone;
    this.#hadNone = error !== undefined;
    if (error !== undefined && !hadNone) this.#onNone(error);
  }
}

/** The system's error when no file can be opened. */
function spareFileError(): unknown {
  try {
    closeSync(openSync(devNull, "r"));
    return undefined;
  } catch (error) {
    return error;
  }
}
