/** What this process uses: processor time, and what it allocates. */
import { GCProfiler, getHeapStatistics } from "node:v8";
import type { MemoryAnswer, UsageAnswer, UsageQuestion } from "./messages.js";

/** Answers what every process of a run can be asked. */
export class UsageMeter {
  readonly #allocation = new AllocationMeter();

  answer({ type }: UsageQuestion): UsageAnswer {
    switch (type) {
      case "cpu": {
        const { user, system } = process.cpuUsage();
        return { type, us: user + system };
      }
      case "watchMemory":
        this.#allocation.begin();
        return { type: "watching" };
      case "memory":
        return { type, ...this.#allocation.end(), rssBytes: process.memoryUsage.rss() };
    }
  }
}

interface Used {
  readonly heap: number;
  readonly external: number;
}

/**
 * Sums up by how much the heap has grown from each garbage collection to the next. Its profiler costs time at each, so that no
 * round is timed meanwhile.
 */
export class AllocationMeter {
  #profiler = new GCProfiler();
  #before: Used = { heap: 0, external: 0 };

  begin(): void {
    this.#profiler = new GCProfiler();
    this.#profiler.start();
    this.#before = usedNow();
  }

  end(): Pick<MemoryAnswer, "allocatedBytes" | "externalBytes"> {
    const now = usedNow();
    const collections = this.#profiler.stop()?.statistics ?? [];
    return grownBy(
      this.#before,
      collections.map(({ beforeGC, afterGC }) => ({ before: usedIn(beforeGC), after: usedIn(afterGC) })),
      now,
    );
  }
}

/** Memory outside the heap is given back between collections, too: what is seen of it is a lower bound. */
export function grownBy(
  first: Used,
  collections: readonly { readonly before: Used; readonly after: Used }[],
  last: Used,
): Pick<MemoryAnswer, "allocatedBytes" | "externalBytes"> {
  let allocatedBytes = 0;
  let externalBytes = 0;
  let from = first;
  const add = (to: Used): void => {
    allocatedBytes += Math.max(0, to.heap - from.heap);
    externalBytes += Math.max(0, to.external - from.external);
  };
  for (const { before, after } of collections) {
    add(before);
    from = after;
  }
  add(last);
  return { allocatedBytes, externalBytes };
}

function usedIn({ heapStatistics }: { heapStatistics: { usedHeapSize: number; externalMemory: number } }): Used {
  return { heap: heapStatistics.usedHeapSize, external: heapStatistics.externalMemory };
}

function usedNow(): Used {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return { heap: used_heap_size, external: external_memory };
}
