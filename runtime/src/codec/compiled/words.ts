/**
 * Eight bytes of scratch memory, seen as whatever they are to be turned into. Reading and writing 64-bit numbers through
 * it allocates nothing but the number. Nothing may be kept here across a call.
 */
const memory = new ArrayBuffer(8);

export const words: Int32Array = new Int32Array(memory);
export const signed: BigInt64Array = new BigInt64Array(memory);
export const unsigned: BigUint64Array = new BigUint64Array(memory);
export const double: Float64Array = new Float64Array(memory);

/** One float alone, so that its place does not depend on the byte order of the machine. */
const floatMemory = new ArrayBuffer(4);
export const floatBits: Int32Array = new Int32Array(floatMemory);
export const float: Float32Array = new Float32Array(floatMemory);

unsigned[0] = 1n;
/** Indices into `words` of the low and the high half. */
export const low: number = words[0] === 1 ? 0 : 1;
export const high: number = 1 - low;
