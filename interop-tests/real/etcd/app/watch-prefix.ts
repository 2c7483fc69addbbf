/** A watch that outlives connections and restarts of etcd: no event is missed, and none comes twice. */
import { setTimeout as sleep } from "node:timers/promises";
import { pushable, StatusCode, StatusError } from "godwit";
import type { WatchClient, WatchRequestInit } from "./gen/etcd/api/etcdserverpb/rpc_godwit.js";
import type { WatchResponse } from "./gen/etcd/api/etcdserverpb/rpc_pb.js";
import type { Event } from "./gen/etcd/api/mvccpb/kv_pb.js";

export interface WatchOptions {
  /** The first revision to hear of. Default: the next one. */
  readonly fromRevision?: bigint;
  readonly signal?: AbortSignal;
  /** Called whenever etcd has confirmed the watch: the first time, and after each loss. */
  readonly onWatching?: () => void;
}

/** Every event below a prefix until the loop is left. Throws when etcd no longer has what comes next. */
export async function* watchPrefix(
  client: WatchClient,
  prefix: string,
  { fromRevision, signal, onWatching }: WatchOptions = {},
): AsyncGenerator<Event, never, undefined> {
  let next = fromRevision ?? 0n;
  for (;;) {
    try {
      const requests = pushable<WatchRequestInit>();
      requests.write(createRequest(prefix, next));
      // While etcd is down the call waits for it, and the channel's backoff paces the attempts.
      for await (const response of client.watch(requests, { waitForReady: true, signal })) {
        if (response.created) onWatching?.();
        if (response.canceled) throw new StatusError(StatusCode.OUT_OF_RANGE, whyCanceled(response));
        yield* response.events;
        next = nextRevision(response, next);
      }
    } catch (error) {
      const isLost = error instanceof StatusError && error.code === StatusCode.UNAVAILABLE;
      if (!isLost) throw error;
    }
    // Of an etcd that takes calls and drops them at once: without a pause this would be a busy loop.
    await sleep(100, undefined, { signal });
  }
}

function createRequest(prefix: string, startRevision: bigint): WatchRequestInit {
  const key = Buffer.from(prefix);
  const rangeEnd = Buffer.from(key);
  rangeEnd[key.length - 1] = (key.at(-1) ?? 0) + 1;
  // Progress moves the revision on while nothing happens: what others write may be compacted meanwhile.
  const value = { key, rangeEnd, startRevision, progressNotify: true };
  return { requestUnion: { case: "createRequest", value } };
}

function nextRevision({ events, created, header }: WatchResponse, next: bigint): bigint {
  const last = events.at(-1)?.kv?.modRevision;
  if (last !== undefined) return last + 1n;
  // Of a watch that begins in the past the confirmation says nothing: its events are still to come.
  return created && next > 0n ? next : (header?.revision ?? 0n) + 1n;
}

function whyCanceled({ compactRevision, cancelReason }: WatchResponse): string {
  return compactRevision > 0n
    ? `the events before revision ${compactRevision} are gone: read the keys again, and watch from there`
    : `etcd has ended the watch: ${cancelReason}`;
}
