import { textOfThrown } from "../base/text-of-thrown.js";
import type { AuditEvent, AuditLogger } from "./audit-logger.js";
import type { AuditCondition } from "./policy-init.js";

export interface NamedLogger {
  readonly name: string;
  readonly logger: AuditLogger;
}

/** The loggers of one policy, and which decisions they are told (gRFC A59). */
export class AuditTrail {
  readonly #condition: AuditCondition;
  readonly #loggers: readonly NamedLogger[];
  readonly #warn: (message: string) => void;
  #hasWarned = false;

  constructor(condition: AuditCondition, loggers: readonly NamedLogger[], warn: (message: string) => void) {
    this.#condition = condition;
    this.#loggers = loggers;
    this.#warn = warn;
  }

  wants(isAuthorized: boolean): boolean {
    if (this.#loggers.length === 0) return false;
    return this.#condition === "ON_DENY_AND_ALLOW" || this.#condition === (isAuthorized ? "ON_ALLOW" : "ON_DENY");
  }

  /** A logger that throws must not decide about the call, nor keep the others from hearing of it. */
  log(event: AuditEvent): void {
    for (const { name, logger } of this.#loggers) {
      try {
        logger.log(event);
      } catch (error) {
        this.#tell(`audit logger ${JSON.stringify(name)} failed: ${textOfThrown(error)}`);
      }
    }
  }

  close(): void {
    for (const { name, logger } of this.#loggers) {
      try {
        logger.close?.();
      } catch (error) {
        this.#tell(`audit logger ${JSON.stringify(name)} failed to close: ${textOfThrown(error)}`);
      }
    }
  }

  /** Once: a logger that is broken fails with every call. */
  #tell(problem: string): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    this.#warn(`${problem}; what it missed is not told again`);
  }
}
