/**
 * Work that no change to the runtime changes, of the kinds that the runtime does: octets are mixed, names are looked up, small
 * objects are made and soon forgotten. What it takes says how fast this machine is just now, so that times can be told in it.
 */
const octets = Uint8Array.from({ length: 256 }, (_, i) => (i * 37) & 0xff);
const names = Array.from({ length: 64 }, (_, i) => `x-name-${i * 7919}`);
const numbers = new Map(names.map((name, i) => [name, i]));
const kept: { name: string; at: number }[] = names.map((name, at) => ({ name, at }));

/** One unit takes about half a microsecond. */
export function calibrationUnits(units: number): number {
  let mixed = 0;
  for (let unit = 0; unit < units; unit++) {
    for (let i = 0; i < octets.length; i++) mixed = Math.imul(mixed ^ (octets[i] as number), 0x01000193);
    for (let i = 0; i < 8; i++) {
      const name = names[(unit + i * 7) & 63] as string;
      const at = numbers.get(name) ?? 0;
      kept[at] = { name, at: mixed & 63 };
      mixed ^= (kept[(at + 1) & 63] as { at: number }).at;
    }
  }
  return mixed;
}
