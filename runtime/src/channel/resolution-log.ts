import type { ResolverResult } from "../resolver/resolver.js";
import type { EventLog } from "../telemetry/event-log.js";

/** What is known of a channel's name. */
export interface ResolutionDescription {
  /** `idle`: nobody has asked. `resolving`: there was no answer yet. Else as the last answer was. */
  readonly state: "idle" | "resolving" | "resolved" | "failed";
  /** Of the last answer that had any. */
  readonly endpoints: number;
  /** Why the last resolution failed. */
  readonly lastError: string | undefined;
  /** What the resolver said besides. */
  readonly note: string | undefined;
  /** What is wrong with the service config that the resolver gave last: the one before it is in force. */
  readonly configError: string | undefined;
}

const untouched: ResolutionDescription = Object.freeze({
  state: "idle",
  endpoints: 0,
  lastError: undefined,
  note: undefined,
  configError: undefined,
});

/** Keeps what `describe` says of the resolver, and writes down what changes in it. */
export class ResolutionLog {
  readonly #events: EventLog;
  #told: string | undefined;
  #description: ResolutionDescription = untouched;

  constructor(events: EventLog) {
    this.#events = events;
  }

  get description(): ResolutionDescription {
    return this.#description;
  }

  onStart(): void {
    this.#description = { ...untouched, state: "resolving" };
  }

  /** @param configError What is wrong with its service config. */
  onResult({ endpoints, note }: ResolverResult, configError: string | undefined): void {
    const isResolved = "value" in endpoints;
    this.#description = {
      state: isResolved ? "resolved" : "failed",
      endpoints: isResolved ? endpoints.value.length : this.#description.endpoints,
      lastError: isResolved ? undefined : endpoints.status.message,
      note,
      configError,
    };
    this.#tell();
  }

  onIdle(): void {
    this.#description = untouched;
    this.#told = undefined;
  }

  /** A resolver that says the same again and again does not drive everything else out of the log. */
  #tell(): void {
    const { endpoints, lastError, configError } = this.#description;
    const found =
      lastError === undefined
        ? `resolved: ${endpoints} endpoint${endpoints === 1 ? "" : "s"}`
        : `not resolved: ${lastError}`;
    const told = configError === undefined ? found : `${found}; ${configError}`;
    if (told === this.#told) return;
    this.#told = told;
    this.#events.add(told, lastError === undefined && configError === undefined ? "info" : "warning");
  }
}
