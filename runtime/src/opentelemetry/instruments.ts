import type { Attributes, Counter, Histogram, Meter, UpDownCounter } from "@opentelemetry/api";
import { type MetricName, metrics } from "./metric-names.js";

type Kinds = { readonly [N in MetricName]: (typeof metrics)[N]["kind"] };
type NamesOf<K extends string> = { [N in MetricName]: Kinds[N] extends K ? N : never }[MetricName];

/** The instruments that are recorded; what is not wanted costs a look into a map. */
export class Instruments {
  readonly #counters = new Map<MetricName, Counter | UpDownCounter>();
  readonly #histograms = new Map<MetricName, Histogram>();

  constructor(meter: Meter, enabled: ReadonlySet<MetricName>) {
    for (const name of enabled) {
      const { kind, unit, description } = metrics[name];
      const options = { unit, description };
      if (kind === "histogram") {
        const advice = { explicitBucketBoundaries: [...metrics[name].buckets] };
        this.#histograms.set(name, meter.createHistogram(name, { ...options, advice }));
      } else if (kind === "counter") this.#counters.set(name, meter.createCounter(name, options));
      else this.#counters.set(name, meter.createUpDownCounter(name, options));
    }
  }

  add(name: NamesOf<"counter" | "upDownCounter">, value: number, attributes: Attributes): void {
    this.#counters.get(name)?.add(value, attributes);
  }

  record(name: NamesOf<"histogram">, value: number, attributes: Attributes): void {
    this.#histograms.get(name)?.record(value, attributes);
  }

  has(name: MetricName): boolean {
    return this.#counters.has(name) || this.#histograms.has(name);
  }
}
