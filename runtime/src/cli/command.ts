/** Where a command says what it has to say. */
export interface CommandOutput {
  /** What was asked for. */
  print(text: string): void;
  /** What is wrong, or of interest to a person alone. */
  complain(text: string): void;
}

/** One word after `godwit`, and what it does. */
export interface Command {
  readonly name: string;
  /** One line for `godwit --help`. */
  readonly summary: string;
  /** The whole of `godwit <name> --help`. */
  readonly help: string;
  /** Throws UsageError when the arguments are wrong, CommandError when it cannot do what they say. */
  run(args: readonly string[], output: CommandOutput): Promise<void>;
}

/** The command line makes no sense. One sentence; the process ends with 2. */
export class UsageError extends Error {}

/** What was asked for cannot be done. One sentence; the process ends with 1, or what else is said. */
export class CommandError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
