/** Our generated client against a real etcd. */
import assert from "node:assert/strict";
import { type Channel, createChannel, createClient, insecure, StatusCode, StatusError } from "godwit";
import { EtcdProcess } from "./etcd-process.js";
import { KV, Lease, Maintenance, type TxnRequestInit, Watch } from "./gen/etcd/api/etcdserverpb/rpc_godwit.js";
import { Compare_CompareResult, Compare_CompareTarget } from "./gen/etcd/api/etcdserverpb/rpc_pb.js";
import { Event_EventType } from "./gen/etcd/api/mvccpb/kv_pb.js";
import { keepLease } from "./keep-lease.js";
import { watchPrefix } from "./watch-prefix.js";

const bytes = (value: string): Uint8Array => Buffer.from(value);
const text = (value: Uint8Array | undefined): string => Buffer.from(value ?? []).toString();

describe("etcd", function () {
  this.timeout(60_000);
  let etcd: EtcdProcess;
  let channel: Channel;

  before(async () => {
    etcd = await EtcdProcess.start();
    channel = createChannel(`127.0.0.1:${etcd.port}`, {
      credentials: insecure(),
      defaultTimeoutMs: 30_000,
      connect: { initialBackoffMs: 100, maxBackoffMs: 500 },
      keepalive: { timeMs: 10_000 },
    });
    const { version } = await createClient(Maintenance, channel).status({}, { waitForReady: true });
    console.log(`    etcd ${version}`);
  });

  after(async () => {
    await channel?.close();
    await etcd?.[Symbol.asyncDispose]();
  });

  it("puts, gets and deletes", async () => {
    const kv = createClient(KV, channel);
    const { header } = await kv.put({ key: bytes("kv/a"), value: bytes("1") });
    await kv.put({ key: bytes("kv/b"), value: bytes("2") });
    const found = await kv.range({ key: bytes("kv/"), rangeEnd: bytes("kv0") });
    assert.deepEqual(
      found.kvs.map(({ key, value }) => [text(key), text(value)]),
      [
        ["kv/a", "1"],
        ["kv/b", "2"],
      ],
    );
    assert.equal(found.kvs[0]?.modRevision, header?.revision);
    const { deleted, prevKvs } = await kv.deleteRange({ key: bytes("kv/a"), prevKv: true });
    assert.equal(deleted, 1n);
    assert.equal(text(prevKvs[0]?.value), "1");
    assert.equal((await kv.range({ key: bytes("kv/a") })).count, 0n);
  });

  it("does one thing or the other in a transaction", async () => {
    const kv = createClient(KV, channel);
    const first = await kv.txn(putOnce("txn/a", "1"));
    const second = await kv.txn(putOnce("txn/a", "2"));
    assert.deepEqual([first.succeeded, second.succeeded], [true, false]);
    const [response] = second.responses;
    assert.equal(response?.response.case, "responseRange");
    const kvs = response?.response.case === "responseRange" ? response.response.value.kvs : [];
    assert.equal(text(kvs[0]?.value), "1");
  });

  it("brings its refusals with code and sentence", async () => {
    const kv = createClient(KV, channel);
    const { header } = await kv.put({ key: bytes("old"), value: bytes("2") });
    await kv.compact({ revision: header?.revision ?? 0n });
    const refused = async (call: Promise<unknown>, code: StatusCode, sentence: string): Promise<void> => {
      await assert.rejects(call, (error) => {
        assert.ok(error instanceof StatusError);
        assert.equal(error.code, code);
        assert.equal(error.statusMessage, sentence);
        return true;
      });
    };
    const compacted = "etcdserver: mvcc: required revision has been compacted";
    await refused(kv.range({ key: bytes("old"), revision: 1n }), StatusCode.OUT_OF_RANGE, compacted);
    await refused(kv.put({}), StatusCode.INVALID_ARGUMENT, "etcdserver: key is not provided");
    const value = new Uint8Array(1_700_000);
    await refused(kv.put({ key: bytes("x"), value }), StatusCode.INVALID_ARGUMENT, "etcdserver: request is too large");
    // Above 2 MiB it is grpc-go that refuses.
    await assert.rejects(kv.put({ key: bytes("x"), value: new Uint8Array(3_000_000) }), {
      code: StatusCode.RESOURCE_EXHAUSTED,
    });
    const watch = watchPrefix(createClient(Watch, channel), "old", { fromRevision: 1n });
    await assert.rejects(watch.next(), /the events before revision \d+ are gone/);
  });

  it("sends values of a megabyte and streams of many", async () => {
    const kv = createClient(KV, channel);
    const value = new Uint8Array(1024 * 1024).map((_, i) => i % 251);
    for (let i = 0; i < 8; i++) await kv.put({ key: bytes(`large/${i}`), value });
    const { kvs } = await kv.range({ key: bytes("large/7") });
    assert.deepEqual(kvs[0]?.value, value);
    let received = 0n;
    let announced = 0n;
    for await (const { blob, remainingBytes } of createClient(Maintenance, channel).snapshot({})) {
      announced ||= BigInt(blob.length) + remainingBytes;
      received += BigInt(blob.length);
    }
    assert.ok(announced > 8n * 1024n * 1024n, `a snapshot of ${announced} bytes`);
    // Behind it comes its SHA-256.
    assert.equal(received, announced + 32n);
  });

  it("is watched through a restart and a kill: each event comes once, in its order", async () => {
    const kv = createClient(KV, channel);
    const end = new AbortController();
    const seen: string[] = [];
    let watching = 0;
    let onChange = (): void => {};
    const until = (isSo: () => boolean): Promise<void> =>
      new Promise((resolve) => {
        onChange = () => {
          if (isSo()) resolve();
        };
        onChange();
      });
    const watched = (async () => {
      const onWatching = (): void => {
        watching++;
        onChange();
      };
      for await (const event of watchPrefix(createClient(Watch, channel), "orders/", {
        signal: end.signal,
        onWatching,
      })) {
        seen.push(text(event.kv?.value));
        onChange();
      }
    })();
    await until(() => watching === 1);
    const written: string[] = [];
    const write = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        const name = String(written.length);
        // Written once however often it is sent, so it may be tried again whatever happened to the one before.
        await kv.txn(putOnce(`orders/${name}`, name), { waitForReady: true, retry: { maxAttempts: 5 } });
        written.push(name);
      }
    };
    await write(50);
    await etcd.stop("SIGTERM");
    etcd.start();
    await write(50);
    await until(() => watching === 2);
    await etcd.stop("SIGKILL");
    etcd.start();
    await write(50);
    await until(() => seen.length === written.length);
    assert.deepEqual(seen, written);
    end.abort();
    await assert.rejects(watched, (error) => end.signal.aborted && error instanceof Error);
  });

  it("keeps a lease through a kill for as long as somebody holds it, and takes the key away then", async () => {
    const [kv, lease] = [createClient(KV, channel), createClient(Lease, channel)];
    const { ID, TTL } = await lease.leaseGrant({ TTL: 3n });
    await kv.put({ key: bytes("held/by"), value: bytes("me"), lease: ID });
    const held = new AbortController();
    const granted = performance.now();
    let answers = 0;
    let restarted: Promise<void> | undefined;
    const kept = keepLease(lease, ID, Number(TTL), {
      signal: held.signal,
      onKept: () => {
        answers++;
        restarted ??= etcd.stop("SIGKILL").then(() => etcd.start());
        if (performance.now() - granted > Number(TTL) * 2_000) held.abort();
      },
    });
    const gone = (async () => {
      for await (const { type, kv: key } of watchPrefix(createClient(Watch, channel), "held/")) {
        return { type, key: text(key?.key), afterMs: performance.now() - granted };
      }
      return undefined;
    })();
    await kept;
    await restarted;
    assert.ok(answers >= 5, `${answers} answers`);
    assert.equal((await kv.range({ key: bytes("held/by") })).count, 1n);
    const event = await gone;
    assert.deepEqual([event?.type, event?.key], [Event_EventType.DELETE, "held/by"]);
    assert.ok((event?.afterMs ?? 0) > Number(TTL) * 2_000);
  });
});

/** Puts a key that is not there; gives the one that is. */
function putOnce(name: string, value: string): TxnRequestInit {
  const key = bytes(name);
  return {
    compare: [
      {
        key,
        target: Compare_CompareTarget.CREATE,
        result: Compare_CompareResult.EQUAL,
        targetUnion: { case: "createRevision", value: 0n },
      },
    ],
    success: [{ request: { case: "requestPut", value: { key, value: bytes(value) } } }],
    failure: [{ request: { case: "requestRange", value: { key } } }],
  };
}
