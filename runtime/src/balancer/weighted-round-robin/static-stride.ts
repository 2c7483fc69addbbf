/**
 * Weighted round robin as every gRPC client does it (gRFC A58, static stride): picks run round the endpoints, and an endpoint
 * sits out the rounds that its weight does not give it. No queue, and picks are spread evenly.
 */

export interface Scheduler {
  /** The index of the endpoint that is next. */
  next(): number;
  /** How many endpoints were asked, those that sat out among them: where the next scheduler goes on. */
  readonly sequence: number;
}

/** What the heaviest endpoint has; it sits out no round. */
const maxWeight = 0xffff;

/** Shifts each endpoint's rounds against those of its neighbour, so that two alike do not sit out together. */
const offset = Math.floor(maxWeight / 2);

/** No weight counts for more than this many times the mean: it bounds how many rounds a pick may take. (gRPC C++) */
const maxRatio = 10;

/** No weight counts for less than this part of the mean: a server that reports next to nothing is not given up. (gRPC C++) */
const minRatio = 0.01;

/**
 * @param weights One for each endpoint, at least one; 0: not known, which counts as the mean of those that are. Where fewer
 * than two are known there is nothing to weigh, and the endpoints take plain turns.
 * @param sequence Where the one before it was, so that a change of weights begins no round anew.
 */
export function createScheduler(weights: readonly number[], sequence: number): Scheduler {
  const known = weights.filter((weight) => weight > 0);
  if (known.length < 2) return new PlainTurns(weights.length, sequence);
  const strides = scaleWeights(weights, known);
  const isEven = strides.every((stride) => stride === strides[0]);
  return isEven ? new PlainTurns(weights.length, sequence) : new StaticStride(strides, sequence);
}

/** Whole numbers, the largest of them `maxWeight`. What servers report may be as large, or as small, as numbers can be. */
function scaleWeights(weights: readonly number[], known: readonly number[]): readonly number[] {
  const heaviest = known.reduce((most, weight) => Math.max(most, weight), 0);
  const mean = known.reduce((sum, weight) => sum + weight / heaviest, 0) / known.length;
  const largest = Math.min(1, maxRatio * mean);
  const factor = maxWeight / largest;
  const scaledMean = Math.round(factor * mean);
  const smallest = Math.max(1, Math.round(scaledMean * minRatio));
  return weights.map((weight) => {
    if (weight === 0) return scaledMean;
    return Math.max(smallest, Math.round(Math.min(weight / heaviest, largest) * factor));
  });
}

/** An endpoint with stride s is picked in s of 65535 rounds: in those in which its phase, s further each round, goes past the end. */
class StaticStride implements Scheduler {
  sequence: number;
  readonly #strides: readonly number[];
  readonly #phases: number[];
  #index: number;

  constructor(strides: readonly number[], sequence: number) {
    const count = strides.length;
    this.sequence = sequence;
    this.#strides = strides;
    this.#index = sequence % count;
    this.#phases = strides.map((stride, index) => {
      // Of its first round from here on. Products stay below 2^53.
      const round = Math.floor(sequence / count) + (index > this.#index ? 0 : 1);
      return (stride * (round % maxWeight) + index * offset) % maxWeight;
    });
  }

  next(): number {
    const strides = this.#strides;
    const phases = this.#phases;
    for (;;) {
      this.sequence++;
      const index = this.#index + 1 === strides.length ? 0 : this.#index + 1;
      this.#index = index;
      const phase = (phases[index] as number) + (strides[index] as number);
      if (phase >= maxWeight) {
        phases[index] = phase - maxWeight;
        return index;
      }
      phases[index] = phase;
    }
  }
}

class PlainTurns implements Scheduler {
  sequence: number;
  readonly #count: number;
  #index: number;

  constructor(count: number, sequence: number) {
    this.sequence = sequence;
    this.#count = count;
    this.#index = sequence % count;
  }

  next(): number {
    this.sequence++;
    this.#index = this.#index + 1 === this.#count ? 0 : this.#index + 1;
    return this.#index;
  }
}
