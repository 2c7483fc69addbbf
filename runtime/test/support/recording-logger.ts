import type { Logger, LogLevel } from "../../src/rpc/logger.js";

/** Keeps every line. */
export class RecordingLogger implements Logger {
  readonly lines: {
    readonly level: LogLevel;
    readonly fields: Readonly<Record<string, unknown>>;
    readonly message: string;
  }[] = [];

  /** `level message`, a line each. */
  get text(): string[] {
    return this.lines.map(({ level, message }) => `${level} ${message}`);
  }

  debug(fields: object, message: string): void {
    this.#add("debug", fields, message);
  }

  info(fields: object, message: string): void {
    this.#add("info", fields, message);
  }

  warn(fields: object, message: string): void {
    this.#add("warn", fields, message);
  }

  error(fields: object, message: string): void {
    this.#add("error", fields, message);
  }

  #add(level: LogLevel, fields: object, message: string): void {
    this.lines.push({ level, fields: fields as Readonly<Record<string, unknown>>, message });
  }
}
