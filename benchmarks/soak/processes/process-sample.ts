/** What a process holds. */
import { readdirSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type Census, takeCensus } from "./heap-census.js";

export interface ProcessSample {
  /** JavaScript heap and memory outside it (buffers), once garbage has been collected. */
  readonly heapBytes: number;
  readonly externalBytes: number;
  readonly rssBytes: number;
  /** Open files, sockets among them; undefined where the system does not tell. */
  readonly descriptors: number | undefined;
  /** Timers, sockets and so on that keep the process alive, each kind as often as there are. */
  readonly resources: readonly string[];
  readonly census: Census | undefined;
}

// Node opens them when they are first written to, which may be amid a soak.
void [process.stdout, process.stderr];

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;
/** Finalizers and the turns that they take free more than a first collection. */
const collections = 4;

export async function sampleProcess(withCensus: boolean): Promise<ProcessSample> {
  for (let i = 0; i < collections; i++) {
    await setImmediate();
    collectGarbage();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return {
    heapBytes: heapUsed,
    externalBytes: external,
    rssBytes: rss,
    descriptors: countDescriptors(),
    resources: process
      .getActiveResourcesInfo()
      .filter((kind) => kind !== "Immediate")
      .sort(),
    census: withCensus ? takeCensus() : undefined,
  };
}

/** Less the one that reads the folder. */
function countDescriptors(): number | undefined {
  return process.platform === "linux" ? readdirSync("/proc/self/fd").length - 1 : undefined;
}
