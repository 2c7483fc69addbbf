import { compareHash64, type Hash64, xxHash64 } from "../xx-hash64.js";

/** What has a place on the ring. */
export interface RingMember {
  /** What it is hashed by: the same on every client, so that all find the same place. */
  readonly hashKey: string;
  /** Share of the places, relative to the others; above 0. */
  readonly weight: number;
}

/**
 * Consistent hashing as in Envoy and every gRPC client (gRFC A42): each member stands at many places of a circle of 2^64, by
 * its weight, and a request belongs to the first place from its own hash on. Immutable.
 */
export class Ring {
  /** Number of places. */
  readonly size: number;
  readonly #highs: Uint32Array;
  readonly #lows: Uint32Array;
  readonly #members: Uint32Array;

  constructor(places: readonly Place[]) {
    this.size = places.length;
    this.#highs = Uint32Array.from(places, (place) => place.hash.high);
    this.#lows = Uint32Array.from(places, (place) => place.hash.low);
    this.#members = Uint32Array.from(places, (place) => place.member);
  }

  /** The place to which a hash belongs. */
  find({ high, low }: Hash64): number {
    let from = 0;
    let to = this.size;
    while (from < to) {
      const middle = (from + to) >>> 1;
      const placeHigh = this.#highs[middle] as number;
      const isBefore = placeHigh < high || (placeHigh === high && (this.#lows[middle] as number) < low);
      if (isBefore) from = middle + 1;
      else to = middle;
    }
    return from === this.size ? 0 : from;
  }

  /** Index of the member at a place; places go on round the ring. */
  memberAt(place: number): number {
    return this.#members[place % this.size] as number;
  }
}

interface Place {
  readonly hash: Hash64;
  readonly member: number;
}

/**
 * @param members At least one.
 * @param minSize The ring is made larger until the lightest member has a whole number of places.
 * @param maxSize Holds where the two contradict each other. Members beyond it have no place.
 */
export function buildRing(members: readonly RingMember[], minSize: number, maxSize: number): Ring {
  const sum = members.reduce((total, member) => total + member.weight, 0);
  const lightest = members.reduce((least, member) => Math.min(least, member.weight / sum), 1);
  const scale = Math.min(Math.ceil(lightest * minSize) / lightest, maxSize);
  // By key, so that the rounding falls the same way whatever order the resolver gives.
  const order = members.map((_member, index) => index).sort((a, b) => compareKeys(members, a, b));
  const places: Place[] = [];
  let wanted = 0;
  for (const index of order) {
    const { hashKey, weight } = members[index] as RingMember;
    wanted += scale * (weight / sum);
    for (let i = 0; places.length < wanted; i++) {
      places.push({ hash: xxHash64(Buffer.from(`${hashKey}_${i}`)), member: index });
    }
  }
  return new Ring(places.sort((a, b) => compareHash64(a.hash, b.hash)));
}

function compareKeys(members: readonly RingMember[], a: number, b: number): number {
  const [left, right] = [(members[a] as RingMember).hashKey, (members[b] as RingMember).hashKey];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
