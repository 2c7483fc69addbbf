import type { LoadReport } from "./load-report.js";

/** The measurements that are one number each. */
type Measure = "cpuUtilization" | "memoryUtilization" | "applicationUtilization" | "qps" | "eps";
type MeasureMap = "utilization" | "requestCost" | "namedMetrics";

/** Shared by all reports without entries. */
const noEntries: ReadonlyMap<string, number> = new Map();

/**
 * Where a server writes down how busy it is, for clients that balance by it (gRFC A51). A measurement stays until the next
 * one; undefined takes it away. One that is out of its range, or no number, is ignored: it must not fail what it measures.
 */
export class LoadRecorder {
  protected readonly measures: { [Name in Measure]?: number | undefined } = {};
  protected readonly maps: { [Name in MeasureMap]?: Map<string, number> | undefined } = {};
  /** What was reported last, while it holds. */
  #report: LoadReport | undefined;

  /** Part of the processor time there is that is used: 0 or more, above 1 where more is wanted. */
  setCpuUtilization(value: number | undefined): this {
    return this.#set("cpuUtilization", value, Number.MAX_VALUE);
  }

  /** Part of the memory there is that is used: 0 to 1. */
  setMemoryUtilization(value: number | undefined): this {
    return this.#set("memoryUtilization", value, 1);
  }

  /** How busy the application is, by a measure of its own: 0 or more. Clients prefer it to the processor's load. */
  setApplicationUtilization(value: number | undefined): this {
    return this.#set("applicationUtilization", value, Number.MAX_VALUE);
  }

  /** Requests per second: 0 or more. Without them a client cannot weigh a server. */
  setQps(value: number | undefined): this {
    return this.#set("qps", value, Number.MAX_VALUE);
  }

  /** Requests that failed, per second: 0 or more. */
  setEps(value: number | undefined): this {
    return this.#set("eps", value, Number.MAX_VALUE);
  }

  /** Part of a resource that is used, by its name: 0 to 1. */
  setUtilization(name: string, value: number | undefined): this {
    return this.setEntry("utilization", name, value, 1);
  }

  /** What is written down now: the same object until something changes. */
  report(): LoadReport {
    this.#report ??= this.#over(undefined);
    return this.#report;
  }

  /** The same, with `base` where nothing is written down here. */
  reportOver(base: LoadReport | undefined): LoadReport {
    return base === undefined ? this.report() : this.#over(base);
  }

  #over(base: LoadReport | undefined): LoadReport {
    const { measures } = this;
    return {
      cpuUtilization: measures.cpuUtilization ?? base?.cpuUtilization ?? 0,
      memoryUtilization: measures.memoryUtilization ?? base?.memoryUtilization ?? 0,
      applicationUtilization: measures.applicationUtilization ?? base?.applicationUtilization ?? 0,
      qps: measures.qps ?? base?.qps ?? 0,
      eps: measures.eps ?? base?.eps ?? 0,
      utilization: merge(base?.utilization, this.maps.utilization),
      requestCost: merge(base?.requestCost, this.maps.requestCost),
      namedMetrics: merge(base?.namedMetrics, this.maps.namedMetrics),
    };
  }

  protected setEntry(map: MeasureMap, name: string, value: number | undefined, largest: number): this {
    this.#report = undefined;
    if (value === undefined) this.maps[map]?.delete(name);
    else if (value >= 0 && value <= largest) {
      this.maps[map] ??= new Map();
      this.maps[map].set(name, value);
    }
    return this;
  }

  #set(measure: Measure, value: number | undefined, largest: number): this {
    this.#report = undefined;
    if (value === undefined || (value >= 0 && value <= largest)) this.measures[measure] = value;
    return this;
  }
}

/** The same for one call: what is written down here is sent with its trailers, and goes before what its server says. */
export class CallLoadRecorder extends LoadRecorder {
  /** What the call cost of a resource, in units of the application's own: 0 or more. */
  setRequestCost(name: string, value: number | undefined): this {
    return this.setEntry("requestCost", name, value, Number.MAX_VALUE);
  }

  /** Whatever else was measured: 0 or more. */
  setNamedMetric(name: string, value: number | undefined): this {
    return this.setEntry("namedMetrics", name, value, Number.MAX_VALUE);
  }
}

/** A copy: a report does not change when the recorder does. */
function merge(base: ReadonlyMap<string, number> | undefined, own: Map<string, number> | undefined) {
  if ((own?.size ?? 0) === 0) return base ?? noEntries;
  return new Map([...(base ?? noEntries), ...(own as Map<string, number>)]);
}
