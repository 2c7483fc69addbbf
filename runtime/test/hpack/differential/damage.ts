/** Blocks that are damaged: what each decoder decides is compared, not what it says. */
import type { SeededRandom } from "../random.js";

/** Damage far into a long text changes but the text. */
const reach = 60;

/** Flips bits, puts octets in or takes some out. */
export function damaged(block: Buffer, random: SeededRandom): Buffer {
  const kind = random.below(3);
  let result = Buffer.from(block);
  for (let left = 1 + random.below(3); left > 0 && result.length > 0; left--) {
    const at = random.below(Math.min(result.length, reach));
    const before = result.subarray(0, at);
    if (kind === 0) result[at] = (result[at] as number) ^ (1 << random.below(8));
    else if (kind === 1) result = Buffer.concat([before, random.bytes(1 + random.below(4)), result.subarray(at)]);
    else result = Buffer.concat([before, result.subarray(at + 1)]);
  }
  return result;
}

/** What we refuse and others may take, by our message. */
const oursAlone: readonly RegExp[] = [
  // RFC 7541 §5.1: integers that are larger or longer than needed may be refused.
  /^HPACK integer at octet \d+ is (longer than 5 octets|\d+, limit 268435456)$/,
  // RFC 7541 §4.2: two sizes are all that an encoder can have to say.
  /^header block begins with more than 2 HPACK table size updates$/,
  // RFC 7541 §4.2: it comes first. Go's decoder takes one wherever the table is empty.
  /^HPACK table size update at octet \d+ follows a header field$/,
  // RFC 9113 §4.3.1: a smaller table is to be acknowledged so. Go's decoder does not ask for it.
  /^header block begins without the HPACK table size update to at most \d+ bytes that SETTINGS asked for$/,
];

/** What we take and others refuse, by their message. */
const othersAlone: readonly RegExp[] = [
  // RFC 7541 §4.2 has two updates in a row. Go's decoder takes a second only when the table is empty.
  /dynamic table size update MUST occur at the beginning of a header block/,
];

export function isOursAlone(message: string): boolean {
  return oursAlone.some((pattern) => pattern.test(message));
}

export function isOthersAlone(message: string): boolean {
  return othersAlone.some((pattern) => pattern.test(message));
}
