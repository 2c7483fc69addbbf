import { GCProfiler, getHeapStatistics } from "node:v8";

/** Below this nothing is collected while it is allocated, as a rule. */
const quietBytes = 256 * 1024;
/** Of what allocates nothing, this many operations prove it. */
const enoughOperations = 20_000;
const attempts = 6;
const growth = 16;

/** Bytes that an operation allocates, on the heap and in buffers beside it. */
export function bytesPerOperation(run: () => void, operations: number): number {
  run();
  // Buffers that are dead by now are gone before it begins.
  globalThis.gc?.();
  const enough = Math.max(1, Math.ceil(enoughOperations / operations));
  let runs = 1;
  let most = 0;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const taken = allocatedBy(run, runs);
    // What was collected meanwhile is not seen: fewer runs then.
    if (taken === undefined) {
      runs = Math.max(1, runs >> 2);
      continue;
    }
    // Buffers that die meanwhile may be given back at any time, and make it look less. The first run is not like the others.
    most = attempt === 1 ? taken / runs : Math.max(most, taken / runs);
    runs = Math.min(enough, growth * runs, Math.max(1, Math.floor(quietBytes / Math.max(most, 1))));
  }
  return most / operations;
}

/** Undefined when there was a collection. */
function allocatedBy(run: () => void, runs: number): number | undefined {
  // Room among the young objects; what is old need not be looked through.
  globalThis.gc?.({ type: "minor" });
  const profiler = new GCProfiler();
  profiler.start();
  const before = heldBytes();
  for (let i = 0; i < runs; i++) run();
  const after = heldBytes();
  return profiler.stop().statistics.length > 0 ? undefined : after - before;
}

function heldBytes(): number {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}
