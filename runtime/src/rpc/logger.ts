import { textOfThrown } from "../base/text-of-thrown.js";

/** From the most to the least that is told. */
const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

/**
 * Where log lines go: fields first, then a sentence. pino, bunyan and `console` are such loggers as they are. Fields are plain
 * values and one `err`; none holds a message, and no metadata whose key carries credentials shows its value.
 */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface LogOptions {
  /** Default: nothing is logged. */
  readonly logger?: Logger | undefined;
  /**
   * The least that is logged. `error`: handlers that threw. `warn`: connections and names that failed, peers that broke the protocol. `info`
   * (default): what becomes of channels, connections and listeners. `debug`: every call and attempt. (grpc-js: GRPC_VERBOSITY)
   */
  readonly logLevel?: LogLevel | undefined;
}

/** A logger from a level on, with fields that each line has. What the logger throws goes nowhere. */
export class Log {
  readonly #logger: Logger;
  readonly #least: number;
  readonly #fields: object;

  constructor(logger: Logger, least: number, fields: object) {
    this.#logger = logger;
    this.#least = least;
    this.#fields = fields;
  }

  with(fields: object): Log {
    return new Log(this.#logger, this.#least, { ...this.#fields, ...fields });
  }

  hears(level: LogLevel): boolean {
    return logLevels.indexOf(level) >= this.#least;
  }

  write(level: LogLevel, fields: object, message: string): void {
    if (!this.hears(level)) return;
    try {
      this.#logger[level]({ ...this.#fields, ...fields }, message);
    } catch {
      // Nobody is left to tell.
    }
  }

  /** @param thrown What a program threw: where it is no Error, its text is the error's. */
  writeError(thrown: unknown, fields: object, message: string): void {
    const err = thrown instanceof Error ? thrown : new Error(textOfThrown(thrown));
    this.write("error", { ...fields, err }, message);
  }
}

/** Undefined where nothing is logged. Throws TypeError for what is no logger. */
export function logOf({ logger, logLevel = "info" }: LogOptions, fields: object): Log | undefined {
  const least = logLevels.indexOf(logLevel);
  if (least < 0) throw new TypeError(`logLevel is ${JSON.stringify(logLevel)}: expected ${logLevels.join(", ")}`);
  if (logger === undefined) return undefined;
  const methods: Partial<Record<LogLevel, unknown>> | null = logger as never;
  const missing = logLevels.find((level) => typeof methods?.[level] !== "function");
  if (missing !== undefined) throw new TypeError(`logger has no function ${missing}: expected ${logLevels.join(", ")}`);
  return new Log(logger, least, fields);
}

/** What an EventLog tells, written to a log. */
export function eventWriter(
  log: Log | undefined,
  what: string,
): ((severity: "info" | "warning" | "error", description: string) => void) | undefined {
  return (
    log &&
    ((severity, description) => log.write(severity === "warning" ? "warn" : severity, {}, `${what}: ${description}`))
  );
}
