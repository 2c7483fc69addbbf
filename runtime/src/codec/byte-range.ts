/** Copies of up to this size have memory of their own, which the engine keeps on its heap: faster than a place in a pool. */
const ownBytes = 64;
/** Larger ones, up to this size, share a pool; above it they have memory of their own again. */
const pooledBytes = 1024;
const poolBytes = 8 * 1024;

/** Copies up to this long are made in a loop: cheaper than a view object and a call. */
const loopBytes = 32;

let pool = new ArrayBuffer(poolBytes);
let poolPosition = 0;

/**
 * bytes[start, end) where they lie. Never a Buffer, also when `bytes` is one: `slice` of a Buffer shares memory where a user
 * expects a copy.
 */
export function viewRange(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
}

/** A copy of bytes[start, end). It may share its ArrayBuffer with other copies, as Node's small Buffers do. */
export function copyRange(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const size = end - start;
  return fill(size <= ownBytes || size > pooledBytes ? new Uint8Array(size) : takeFromPool(size), bytes, start, end);
}

/** The same for pieces that come in numbers and are kept together: half the memory for each of the smallest. */
export function copyPiece(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const size = end - start;
  return fill(size > pooledBytes ? new Uint8Array(size) : takeFromPool(size), bytes, start, end);
}

function fill(copy: Uint8Array, bytes: Uint8Array, start: number, end: number): Uint8Array {
  const size = end - start;
  if (size <= loopBytes) for (let i = 0; i < size; i++) copy[i] = bytes[start + i] as number;
  else copy.set(viewRange(bytes, start, end));
  return copy;
}

function takeFromPool(size: number): Uint8Array {
  if (poolPosition + size > poolBytes) {
    pool = new ArrayBuffer(poolBytes);
    poolPosition = 0;
  }
  const place = new Uint8Array(pool, poolPosition, size);
  // Eight bytes are what any typed array over the copy needs.
  poolPosition += (size + 7) & ~7;
  return place;
}
