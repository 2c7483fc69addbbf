/** A fault that is put into the compiled product on purpose, to see that a tool bites. */
export interface Plant {
  readonly number: number;
  readonly name: string;
  /** What goes wrong with it. */
  readonly breaks: string;
  /** Below runtime/build/src. */
  readonly file: string;
  /** Stands there exactly once. */
  readonly find: string;
  readonly replace: string;
  readonly foundBy: "sim" | `fuzz:${string}`;
}
