import { readdirSync, readlinkSync } from "node:fs";
import process from "node:process";

/** How many there are of each kind. */
export type Counts = ReadonlyMap<string, number>;

/**
 * What keeps this process alive (sockets, servers, timers, child processes, look-ups), and on Linux the sockets that are
 * open, whether they keep it alive or not: an idle channel's does not. Immediates are work in progress.
 */
export function openResources(): Counts {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (kind !== "Immediate") counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const sockets = openSockets();
  if (sockets > 0) counts.set("open socket", sockets);
  return counts;
}

const descriptorFolder = "/proc/self/fd";

function openSockets(): number {
  if (process.platform !== "linux") return 0;
  return readdirSync(descriptorFolder).filter(isSocket).length;
}

/** The descriptor by which the folder was read is in its own list, and is closed by now. */
function isSocket(descriptor: string): boolean {
  try {
    return readlinkSync(`${descriptorFolder}/${descriptor}`).startsWith("socket:");
  } catch {
    return false;
  }
}
