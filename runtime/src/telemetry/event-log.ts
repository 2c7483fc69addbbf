import type { Millis, Platform } from "../base/platform.js";
import { wallTime } from "./wall-time.js";

export type EventSeverity = "info" | "warning" | "error";

export interface LoggedEvent {
  readonly at: Date;
  readonly severity: EventSeverity;
  readonly description: string;
  /** Id of the subchannel that it is about, where it is not the one that tells of it. */
  readonly subchannelId: number | undefined;
}

export interface EventReport {
  readonly since: Date;
  /** Those that are forgotten among them. */
  readonly total: number;
  /** The last ones, the oldest first. */
  readonly latest: readonly LoggedEvent[];
}

/** Events that are remembered. */
const keptEvents = 32;
/** Characters of a description: a name or an error may be a peer's. */
const maxDescription = 300;

type Entry = Omit<LoggedEvent, "at"> & { readonly at: Millis };

/** The last events of something: what happens between calls, never what happens to one. */
export class EventLog {
  readonly #platform: Pick<Platform, "now" | "wallClock">;
  readonly #since: Millis;
  readonly #onEvent: ((severity: EventSeverity, description: string) => void) | undefined;
  /** As long as there are events: a list that is pushed to would have room for seventeen at once. */
  #ring: Entry[] = [];
  #total = 0;

  /** @param onEvent Hears of each event as well. */
  constructor(
    platform: Pick<Platform, "now" | "wallClock">,
    onEvent?: (severity: EventSeverity, description: string) => void,
  ) {
    this.#platform = platform;
    this.#onEvent = onEvent;
    this.#since = platform.now();
  }

  add(description: string, severity: EventSeverity = "info", subchannelId?: number): void {
    const told = description.length > maxDescription ? `${description.slice(0, maxDescription)}…` : description;
    const entry = { at: this.#platform.now(), severity, description: told, subchannelId };
    const at = this.#total % keptEvents;
    if (at < this.#ring.length) this.#ring[at] = entry;
    else this.#ring = this.#ring.concat(entry);
    this.#total += 1;
    this.#onEvent?.(severity, told);
  }

  report(): EventReport {
    const first = Math.max(0, this.#total - keptEvents);
    const latest: LoggedEvent[] = [];
    for (let i = first; i < this.#total; i++) {
      const entry = this.#ring[i % keptEvents] as Entry;
      latest.push({ ...entry, at: this.#date(entry.at) });
    }
    return { since: this.#date(this.#since), total: this.#total, latest };
  }

  #date(at: Millis): Date {
    return wallTime(this.#platform, at) as Date;
  }
}
