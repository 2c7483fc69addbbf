import { SeededRandom } from "../../hpack/random.js";

/** Large enough that two messages seldom begin at the same place. */
const poolBytes = 1 << 20;
export const largestPayload = 600_000;

const pool = new SeededRandom(7).bytes(poolBytes + largestPayload);

/** Which message of which call, and in which direction. */
export interface MessageName {
  readonly callId: number;
  readonly direction: "request" | "response";
  readonly index: number;
}

/** The bytes of a message, given by its name and size alone: both ends know what is right without telling each other. */
export function payloadOf(name: MessageName, size: number): Uint8Array {
  const start = startOf(name);
  return new Uint8Array(pool.buffer, pool.byteOffset + start, size);
}

function startOf({ callId, direction, index }: MessageName): number {
  let mixed =
    Math.imul(callId + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b) ^ (direction === "request" ? 0x55 : 0xaa00);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  return (mixed ^ (mixed >>> 13)) & (poolBytes - 1);
}

/** Undefined when `bytes` are what they should be, else a clause that says how they differ. */
export function payloadProblem(name: MessageName, size: number, bytes: Uint8Array): string | undefined {
  const label = `${name.direction} ${name.index} of call ${name.callId}`;
  if (bytes.length !== size) return `${label} is ${bytes.length} bytes, ${size} were sent`;
  if (Buffer.compare(bytes, payloadOf(name, size)) !== 0) return `${label} has other bytes than were sent`;
  return undefined;
}
