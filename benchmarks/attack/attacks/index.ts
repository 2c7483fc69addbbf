/** Attacks of clients, by name. */
import type { CreateAttack } from "./attacker.js";
import { clientFlood } from "./client-flood.js";
import { type FloodName, floods } from "./floods.js";
import { createGzipBomb } from "./gzip-bomb.js";
import { headerBomb, slowRead, tinyData } from "./memory-attacks.js";
import { stall } from "./stall-attacks.js";
import {
  byMalformedRequest,
  byReset,
  byZeroIncrement,
  once,
  reconnecting,
  reconnectingBelow,
} from "./stream-attacks.js";

/** 64 messages of 64 KiB, as ServerStreamRequest { count, size }. */
const manyMessages = Buffer.of(0x08, 64, 0x10, 0x80, 0x80, 0x04);
/** One message of 4 MiB. */
const oneMessage = Buffer.of(0x08, 1, 0x10, 0x80, 0x80, 0x80, 0x02);

const others = {
  "reset-once": () => once(byReset, 50_000),
  "reset-reconnecting": () => reconnecting(byReset),
  "reset-below-limit": () => reconnectingBelow(byReset, 190),
  "provoke-once": () => once(byZeroIncrement, 50_000),
  "provoke-reconnecting": () => reconnecting(byZeroIncrement),
  "malformed-once": () => once(byMalformedRequest),
  "malformed-reconnecting": () => reconnecting(byMalformedRequest),
  // A block of 16 KiB that names 63 MiB.
  "bomb-large": () => headerBomb(3900, 16_200),
  // Within what RFC 9113 lets a server allow by default: 127 fields, below 16 KiB.
  "bomb-small": () => headerBomb(90, 120),
  "tiny-data": () => tinyData,
  "slow-read-many": () => slowRead(1000, manyMessages),
  "slow-read-one": () => slowRead(100, oneMessage),
  // Long enough apart for what one leaves to be collected before the next.
  "gzip-bomb-alone": () => createGzipBomb(1, 60_000),
  "gzip-bomb-1": () => createGzipBomb(1),
  "gzip-bomb-16": () => createGzipBomb(16),
  "preface-stall": () => stall(10_000),
  "file-exhaustion": () => stall(1000),
} satisfies Record<string, CreateAttack>;

export type AttackName = keyof typeof others | FloodName;

export function attackOf(name: string): CreateAttack | undefined {
  if (Object.hasOwn(floods, name)) return () => clientFlood(name as FloodName);
  return Object.hasOwn(others, name) ? others[name as keyof typeof others] : undefined;
}
