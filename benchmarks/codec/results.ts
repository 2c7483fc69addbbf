import { median } from "../macro/statistics.js";
import type { Measurement } from "./measure.js";
import { type SampleName, sampleNames } from "./sample-messages.js";
import type { Library } from "./subject.js";

export type Direction = "encode" | "decode";
export const directions: readonly Direction[] = ["encode", "decode"];

/** The measurements of all launches. */
export class Results {
  readonly #values = new Map<string, number[]>();

  add(library: Library, sample: SampleName, { encodeNs, decodeNs }: Measurement): void {
    this.#list(library, sample, "encode").push(encodeNs);
    this.#list(library, sample, "decode").push(decodeNs);
  }

  /** Median over the launches; undefined where the library cannot do it. */
  ns(library: Library, sample: SampleName, direction: Direction): number | undefined {
    const values = this.#list(library, sample, direction);
    return values.length === 0 ? undefined : median(values);
  }

  /** How many times faster than protobuf-es. */
  ratio(library: Library, sample: SampleName, direction: Direction): number | undefined {
    const [own, base] = [this.ns(library, sample, direction), this.ns("protobuf-es", sample, direction)];
    return own === undefined || base === undefined ? undefined : base / own;
  }

  /** Of the ratios over all messages that the library has, but those left out. */
  geometricMean(library: Library, direction: Direction, without: readonly SampleName[] = []): number {
    const ratios = sampleNames
      .filter((sample) => !without.includes(sample))
      .flatMap((sample) => this.ratio(library, sample, direction) ?? []);
    return Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);
  }

  #list(library: Library, sample: SampleName, direction: Direction): number[] {
    const key = `${library} ${sample} ${direction}`;
    let list = this.#values.get(key);
    if (list === undefined) {
      list = [];
      this.#values.set(key, list);
    }
    return list;
  }
}
