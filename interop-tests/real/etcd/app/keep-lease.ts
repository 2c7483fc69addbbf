/** Keeps a lease of etcd alive, through restarts of etcd that are shorter than its time to live. */
import { setTimeout as sleep } from "node:timers/promises";
import { StatusCode, StatusError } from "godwit";
import type { LeaseClient } from "./gen/etcd/api/etcdserverpb/rpc_godwit.js";

export interface KeepOptions {
  /** Ends the keeping; the lease runs out by itself. */
  readonly signal: AbortSignal;
  /** Called with each answer: the seconds that the lease has from now on. */
  readonly onKept?: (ttlSeconds: bigint) => void;
}

/** Resolves when the signal has come. Throws when etcd does not know the lease any more. */
export async function keepLease(client: LeaseClient, id: bigint, ttlSeconds: number, options: KeepOptions) {
  const { signal, onKept } = options;
  const pauseMs = (ttlSeconds * 1000) / 3;
  while (!signal.aborted) {
    try {
      const beats = client.leaseKeepAlive(heartbeat(id, pauseMs, signal), { waitForReady: true, signal });
      for await (const { TTL } of beats) {
        if (TTL <= 0n) throw new StatusError(StatusCode.NOT_FOUND, `lease ${id} has run out`);
        onKept?.(TTL);
      }
    } catch (error) {
      const isLost = error instanceof StatusError && error.code === StatusCode.UNAVAILABLE;
      if (!isLost && !signal.aborted) throw error;
    }
    await sleep(100);
  }
}

async function* heartbeat(id: bigint, pauseMs: number, signal: AbortSignal) {
  for (;;) {
    yield { ID: id };
    await sleep(pauseMs, undefined, { signal });
  }
}
