/** A watch that can be given up. */
export interface FileWatch {
  close(): void;
}

/** The file system, as far as the runtime needs it. Errors say in one sentence which file, and what is wrong. */
export interface Files {
  /** A whole file; undefined when there is none. Rejects when it cannot be read or is longer than `maxBytes`. */
  read(path: string, maxBytes: number): Promise<Uint8Array | undefined>;
  /** Names of what a folder holds, in no order; undefined when there is no such folder. */
  list(folder: string): Promise<readonly string[] | undefined>;
  /**
   * Puts a whole file in place in one step: whoever reads sees the old content or the new one, never a part. Makes the
   * folders on its way.
   */
  replace(path: string, content: Uint8Array): Promise<void>;
  /** Does nothing where there is no such file. */
  remove(path: string): Promise<void>;
  /**
   * Calls `onChange` soon after a file, or anything in a folder, has changed, appeared or gone; perhaps also when nothing
   * has. What does not exist yet can be watched. Never called before this has returned, and never after the close.
   */
  watch(path: string, onChange: () => void): FileWatch;
}
