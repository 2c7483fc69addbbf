/**
 * Weighted round robin as every gRPC client does it (gRFC A58): picks run round the endpoints, and an endpoint sits out the
 * rounds that its weight does not give it. No queue, no state but a number that counts up; picks are spread evenly.
 */

/** Gives the index of the endpoint that is next. */
export interface Scheduler {
  next(): number;
}

/** A number that counts up by one, modulo 2^32. */
export type NextSequence = () => number;

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
 */
export function createScheduler(weights: readonly number[], nextSequence: NextSequence): Scheduler {
  const known = weights.filter((weight) => weight > 0);
  if (known.length < 2) return new PlainTurns(weights.length, nextSequence);
  const strides = scaleWeights(weights, known);
  const isEven = strides.every((stride) => stride === strides[0]);
  return isEven ? new PlainTurns(weights.length, nextSequence) : new StaticStride(strides, nextSequence);
}

/** Whole numbers, the largest of them `maxWeight`. */
function scaleWeights(weights: readonly number[], known: readonly number[]): readonly number[] {
  const mean = known.reduce((sum, weight) => sum + weight, 0) / known.length;
  const largest = Math.min(Math.max(...known), maxRatio * mean);
  const factor = maxWeight / largest;
  const scaledMean = Math.round(factor * mean);
  const smallest = Math.max(1, Math.round(scaledMean * minRatio));
  return weights.map((weight) =>
    weight === 0 ? scaledMean : Math.max(smallest, Math.round(Math.min(weight, largest) * factor)),
  );
}

class StaticStride implements Scheduler {
  readonly #strides: readonly number[];
  readonly #nextSequence: NextSequence;

  constructor(strides: readonly number[], nextSequence: NextSequence) {
    this.#strides = strides;
    this.#nextSequence = nextSequence;
  }

  next(): number {
    const strides = this.#strides;
    const count = strides.length;
    for (;;) {
      const sequence = this.#nextSequence();
      const index = sequence % count;
      const stride = strides[index] as number;
      // An endpoint with stride s is picked in s of 65535 rounds. Whole numbers of 32 bits, which the engine divides fast.
      const round = ((sequence / count) >>> 0) % maxWeight;
      const progress = (Math.imul(stride, round) >>> 0) % maxWeight;
      if ((progress + index * offset) % maxWeight >= maxWeight - stride) return index;
    }
  }
}

class PlainTurns implements Scheduler {
  readonly #count: number;
  readonly #nextSequence: NextSequence;

  constructor(count: number, nextSequence: NextSequence) {
    this.#count = count;
    this.#nextSequence = nextSequence;
  }

  next(): number {
    return this.#nextSequence() % this.#count;
  }
}
