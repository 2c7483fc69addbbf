import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { ToTarget, Vitals } from "../messages.js";
import { LoopDelay } from "./loop-delay.js";

const sampleMs = 100;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** Watches the process that it is in. */
export class VitalsMeter {
  readonly #delay = new LoopDelay();
  #peakRssBytes = 0;
  #peakExternalBytes = 0;
  /** The system's own high-water mark when counting began: only a higher one is news. */
  #oldMaxRssBytes = 0;

  constructor() {
    this.#reset();
    setInterval(() => this.#sample(), sampleMs).unref();
  }

  answer({ collect, reset }: ToTarget): Vitals {
    // What finalizers let go of is collected the second time.
    for (let i = 0; i < 2 && collect; i++) collectGarbage();
    this.#sample();
    const { used_heap_size: heapUsed, external_memory: external } = getHeapStatistics();
    const { user, system } = process.cpuUsage();
    const maxRssBytes = process.resourceUsage().maxRSS * 1024;
    const vitals: Vitals = {
      type: "vitals",
      rssBytes: readRss(),
      peakRssBytes: maxRssBytes > this.#oldMaxRssBytes ? maxRssBytes : this.#peakRssBytes,
      heapBytes: heapUsed + external,
      peakExternalBytes: this.#peakExternalBytes,
      cpuUs: user + system,
      loopDelayP99Us: this.#delay.p99Us,
      loopDelayMaxUs: this.#delay.maxUs,
      sockets: process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length,
    };
    if (reset) this.#reset();
    return vitals;
  }

  #reset(): void {
    this.#delay.reset();
    this.#peakRssBytes = 0;
    this.#peakExternalBytes = 0;
    this.#oldMaxRssBytes = process.resourceUsage().maxRSS * 1024;
    this.#sample();
  }

  #sample(): void {
    this.#peakRssBytes = Math.max(this.#peakRssBytes, readRss());
    this.#peakExternalBytes = Math.max(this.#peakExternalBytes, getHeapStatistics().external_memory);
  }
}

/** 0 where the system has no file to spare, which it takes to look. */
function readRss(): number {
  try {
    return process.memoryUsage.rss();
  } catch {
    return 0;
  }
}
