/**
 * Memory that output is written into, shared by all arenas of a thread. What a connection writes in a turn has left, as a
 * rule, when the turn ends: so an idle connection has none, and those that are busy in turn write into memory that the
 * processor still has at hand.
 */

/** `view` is of all `bytes`. */
export interface OutputMemory {
  readonly bytes: Buffer;
  readonly view: DataView;
}

/** Sizes that are shared, and how many of each are kept: a megabyte in all. */
const keptOfSize: ReadonlyMap<number, number> = new Map([
  [1024, 64],
  [8 * 1024, 32],
  [64 * 1024, 12],
]);

const spares = new Map<number, OutputMemory[]>(Array.from(keptOfSize.keys(), (size) => [size, []]));

/** Memory of `size` bytes, whose content is anything. */
export function takeMemory(size: number): OutputMemory {
  return spares.get(size)?.pop() ?? createMemory(size);
}

/** Memory that nobody refers to any more. */
export function giveMemory(memory: OutputMemory): void {
  const size = memory.bytes.length;
  const spare = spares.get(size);
  if (spare !== undefined && spare.length < (keptOfSize.get(size) ?? 0)) spare.push(memory);
}

function createMemory(size: number): OutputMemory {
  const bytes = Buffer.allocUnsafeSlow(size);
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, size) };
}

/** That of an arena in which nothing is written. */
export const noMemory: OutputMemory = createMemory(0);
