/** A new list in random order, each order as likely as any other (Fisher–Yates). @param random A number in [0, 1). */
export function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const result = [...list];
  for (let last = result.length - 1; last > 0; last--) {
    const chosen = Math.floor(random() * (last + 1));
    const held = result[last] as T;
    result[last] = result[chosen] as T;
    result[chosen] = held;
  }
  return result;
}

/**
 * A new list in random order, in which each place goes to one of those that are left with a chance in proportion to its
 * weight (gRFC A113: descending u^(1/weight); here its negative logarithm, ascending). Those without weight come last.
 */
export function shuffledByWeight<T>(list: readonly T[], weightOf: (item: T) => number, random: () => number): T[] {
  const keyed = list.map((item) => ({ item, key: keyOf(weightOf(item), random()) }));
  keyed.sort((a, b) => (a.key === b.key ? 0 : a.key < b.key ? -1 : 1));
  return keyed.map(({ item }) => item);
}

function keyOf(weight: number, random: number): number {
  return weight > 0 ? -Math.log(1 - random) / weight : Number.POSITIVE_INFINITY;
}
