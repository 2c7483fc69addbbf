import type { LoadEvent } from "../protocol.js";
import { chart } from "./chart.js";
import { element, milliseconds } from "./dom.js";
import { type Journal, windowSeconds } from "./journal.js";

const perSecond = (value: number) => `${Number.isInteger(value) ? value : value.toFixed(1)}/s`;

/** Charts of what this page has called and of what the server says of itself. */
export class Charts {
  readonly #host: HTMLElement;
  readonly #journal: Journal;
  #last: LoadEvent | undefined;
  readonly #rates: (number | undefined)[] = empty();
  readonly #failures: (number | undefined)[] = empty();

  constructor(host: HTMLElement, journal: Journal) {
    this.#host = host;
    this.#journal = journal;
    this.draw();
    setInterval(() => this.draw(), 1000);
  }

  /** Comes once a second. */
  load(event: LoadEvent): void {
    push(this.#rates, difference(event.started, this.#last?.started));
    push(this.#failures, difference(event.failed, this.#last?.failed));
    this.#last = event;
  }

  draw(): void {
    const seconds = this.#journal.seconds();
    const own = element(
      "div",
      { class: "chart-group" },
      element("h2", { text: "Calls of this page" }),
      element(
        "div",
        { class: "chart-row" },
        chart("Rate", [{ name: "calls", values: seconds.map(({ calls }) => calls) }], perSecond),
        chart(
          "Latency",
          [
            { name: "p50", values: seconds.map(({ p50 }) => p50) },
            { name: "p99", values: seconds.map(({ p99 }) => p99) },
          ],
          milliseconds,
        ),
        chart("Errors", [{ name: "failed", values: seconds.map(({ failed }) => failed), isBad: true }], perSecond),
      ),
    );
    this.#host.replaceChildren(own, this.#server());
  }

  #server(): HTMLElement {
    const title = element("h2", { text: "The server, by channelz" });
    const { problem, inFlight } = this.#last ?? { problem: "not asked yet" };
    if (problem !== undefined)
      return element(
        "div",
        { class: "chart-group" },
        title,
        element("p", { class: "empty", text: `Nothing to show: ${problem}.` }),
      );
    title.append(element("span", { class: "hint", text: ` ${inFlight} in flight; one a second asks for this` }));
    return element(
      "div",
      { class: "chart-group" },
      title,
      element(
        "div",
        { class: "chart-row" },
        chart("Rate", [{ name: "calls", values: this.#rates }], perSecond),
        chart("Errors", [{ name: "failed", values: this.#failures, isBad: true }], perSecond),
      ),
    );
  }
}

function empty(): undefined[] {
  return Array.from({ length: windowSeconds }, () => undefined);
}

function push(list: (number | undefined)[], value: number | undefined): void {
  list.push(value);
  list.shift();
}

/** Counters of a server that began anew go back. */
function difference(now: number | undefined, before: number | undefined): number | undefined {
  return now === undefined || before === undefined ? undefined : Math.max(0, now - before);
}
