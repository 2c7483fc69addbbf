import assert from "node:assert/strict";
import type { Address, ByteStream } from "../../src/base/platform.js";
import type { NoSecurity } from "../../src/base/tls.js";
import { FakePlatform, type FakePlatformOptions } from "./fake-platform.js";
import type { FakeLink } from "./fake-stream.js";
import { RecordingSink } from "./recording-sink.js";

const plain: NoSecurity = { kind: "none" };
const address: Address = { transport: "tcp", host: "10.0.0.1", port: 50051 };

interface Pair {
  platform: FakePlatform;
  link: FakeLink;
  client: ByteStream;
  clientSink: RecordingSink;
  server: ByteStream;
  serverSink: RecordingSink;
}

async function pair(options?: FakePlatformOptions): Promise<Pair> {
  const platform = new FakePlatform(options);
  const clientSink = new RecordingSink();
  const serverSink = new RecordingSink();
  await platform.listen(address, plain, { onAccept: () => serverSink, onError: (error) => assert.fail(error.message) });
  platform.connect(address, plain, { onConnect: () => clientSink, onError: (error) => assert.fail(error.message) });
  platform.advance(2 * (options?.latencyMs ?? 0));
  const link = platform.links[0];
  assert.ok(link !== undefined);
  return { platform, link, client: link.client, clientSink, server: link.server, serverSink };
}

function attempt(platform: FakePlatform, to: Address): { outcome: string; cancel: () => void } {
  const connecting = platform.connect(to, plain, {
    onConnect() {
      result.outcome = "connected";
      return new RecordingSink();
    },
    onError(error) {
      result.outcome = error.message;
    },
  });
  const result = { outcome: "pending", cancel: () => connecting.cancel() };
  return result;
}

describe("FakePlatform", () => {
  it("runs timers and turns in order of virtual time", () => {
    const platform = new FakePlatform();
    const start = platform.now();
    const ran: string[] = [];
    const note = (name: string) => (): void => {
      ran.push(`${name} ${platform.now() - start}`);
    };
    platform.setTimer(start + 20, note("b"));
    platform.setTimer(start + 10, () => {
      note("a")();
      platform.scheduleTurn(note("turn of a"));
      platform.setTimer(platform.now() + 5, note("timer of a"));
    });
    platform.setTimer(start + 30, note("c"));
    platform.scheduleTurn(note("first"));
    platform.advance(20);
    assert.deepEqual(ran, ["first 0", "a 10", "turn of a 10", "timer of a 15", "b 20"]);
    assert.deepEqual([platform.now() - start, platform.timers], [20, 1]);
  });

  it("lets promises go on between timers when asked to", async () => {
    const platform = new FakePlatform();
    const start = platform.now();
    const ran: number[] = [];
    const sleep = (ms: number): Promise<void> =>
      new Promise((resolve) => void platform.setTimer(platform.now() + ms, resolve));
    const work = (async () => {
      for (let i = 0; i < 3; i++) {
        await sleep(10);
        ran.push(platform.now() - start);
      }
    })();
    await platform.advanceAsync(100);
    await work;
    assert.deepEqual(ran, [10, 20, 30]);
    platform.assertQuiet();
  });

  it("throws the same dice for the same seed", () => {
    const throws = (seed: number): number[] => {
      const platform = new FakePlatform({ seed });
      return Array.from({ length: 1000 }, () => platform.random());
    };
    assert.deepEqual(throws(7), throws(7));
    assert.notDeepEqual(throws(7), throws(8));
    const mean = throws(7).reduce((sum, value) => sum + value) / 1000;
    assert.ok(mean > 0.45 && mean < 0.55 && throws(7).every((value) => value >= 0 && value < 1));
  });

  it("says when the world does not come to rest", () => {
    const platform = new FakePlatform();
    const again = (): void => platform.scheduleTurn(again);
    again();
    assert.throws(() => platform.runTurns(), /did not come to rest within 1000000 turns/);
  });

  it("looks up what it was told", async () => {
    const platform = new FakePlatform();
    platform.hosts.set("shop.test", ["10.0.0.1", "10.0.0.2"]);
    assert.deepEqual(await platform.lookup("shop.test"), ["10.0.0.1", "10.0.0.2"]);
    assert.deepEqual(await platform.lookup("::1"), ["::1"]);
    await assert.rejects(platform.lookup("none.test"), {
      message: "cannot resolve none.test: no such host (ENOTFOUND)",
    });
    assert.deepEqual(platform.lookups, ["shop.test", "::1", "none.test"]);
  });

  it("compresses at once", () => {
    const platform = new FakePlatform();
    const original = Buffer.alloc(1_000_000, "x");
    let back: Uint8Array | undefined;
    platform.compressor.compress("gzip", original, (packed) => {
      assert.ok(packed.ok);
      platform.compressor.decompress("gzip", packed.bytes, 2_000_000, (result) => {
        assert.ok(result.ok);
        back = result.bytes;
      });
    });
    assert.ok(back !== undefined && original.equals(back));
  });

  it("refuses, swallows and lets through connections", async () => {
    const platform = new FakePlatform();
    assert.equal((await refused(platform)).outcome, "connect to 10.0.0.1:50051 was refused (ECONNREFUSED)");
    const listener = await platform.listen(address, plain, { onAccept: () => new RecordingSink(), onError: () => {} });
    platform.refuse(address);
    assert.equal((await refused(platform)).outcome, "connect to 10.0.0.1:50051 was refused (ECONNREFUSED)");
    platform.heal(address);
    platform.blackHole(address);
    assert.equal((await refused(platform)).outcome, "pending");
    platform.heal(address);
    assert.equal((await refused(platform)).outcome, "connected");
    const cancelled = attempt(platform, address);
    cancelled.cancel();
    platform.runTurns();
    assert.equal(cancelled.outcome, "pending");
    await listener.close();
    assert.equal((await refused(platform)).outcome, "connect to 10.0.0.1:50051 was refused (ECONNREFUSED)");
    assert.equal(platform.attempts.length, 6);
  });

  async function refused(platform: FakePlatform): Promise<{ outcome: string }> {
    const result = attempt(platform, address);
    assert.equal(result.outcome, "pending", "no callback comes from inside connect");
    platform.runTurns();
    return result;
  }

  it("gives out ports, and none twice", async () => {
    const platform = new FakePlatform();
    const any: Address = { transport: "tcp", host: "0.0.0.0", port: 0 };
    const callbacks = { onAccept: () => new RecordingSink(), onError: () => {} };
    const { address: bound } = await platform.listen(any, plain, callbacks);
    assert.deepEqual(bound, { transport: "tcp", host: "0.0.0.0", port: 50000 });
    await assert.rejects(platform.listen(bound, plain, callbacks), {
      message: "cannot listen on 0.0.0.0:50000: the port is in use (EADDRINUSE)",
    });
    const result = attempt(platform, { transport: "tcp", host: "10.9.9.9", port: 50000 });
    platform.runTurns();
    assert.equal(result.outcome, "connected");
  });

  it("is as strict about addresses as the real one", async () => {
    const platform = new FakePlatform();
    const inproc: Address = { transport: "inproc", name: "x" };
    const result = attempt(platform, inproc);
    platform.runTurns();
    assert.equal(result.outcome, "cannot connect to inproc:x: an in-process address has no byte stream");
    await assert.rejects(
      platform.listen(inproc, plain, { onAccept: () => new RecordingSink(), onError: () => {} }),
      /^Error: cannot listen on inproc:x/,
    );
  });
});

describe("the byte streams of FakePlatform", () => {
  it("carry bytes both ways and end in order", async () => {
    const { platform, client, clientSink, server, serverSink } = await pair();
    assert.equal(client.peer.address, "ipv4:10.0.0.1:50051");
    assert.equal(server.peer.address, "ipv4:10.0.0.1:40000");
    client.write([Buffer.from("hel"), Buffer.from("lo")]);
    client.end();
    assert.equal(client.pendingBytes, 5);
    platform.runTurns();
    assert.equal(client.pendingBytes, 0);
    assert.equal(serverSink.bytes.toString(), "hello");
    server.write([Buffer.from("answer")]);
    server.end();
    platform.runTurns();
    assert.deepEqual(serverSink.events, ["data 5", "end", "close"]);
    assert.deepEqual(clientSink.events, ["data 6", "end", "close"]);
    platform.assertQuiet();
  });

  it("take their time and cut chunks to size", async () => {
    const { platform, client, serverSink } = await pair({ latencyMs: 50, chunkBytes: 3 });
    client.write([Buffer.from("abcdefgh")]);
    platform.advance(49);
    assert.deepEqual(serverSink.events, []);
    platform.advance(1);
    assert.deepEqual(
      serverSink.chunks.map((chunk) => chunk.toString()),
      ["abc", "def", "gh"],
    );
  });

  it("read a chunk only when it leaves", async () => {
    const { platform, client, serverSink } = await pair();
    const chunk = Buffer.from("early");
    client.write([chunk]);
    chunk.write("later");
    platform.runTurns();
    assert.equal(serverSink.bytes.toString(), "later");
    chunk.fill(0);
    assert.equal(serverSink.bytes.toString(), "later");
  });

  it("push back while the receiver is paused, and drain", async () => {
    const { platform, client, clientSink, server, serverSink } = await pair({
      receiveBufferBytes: 100,
      writeLimitBytes: 50,
    });
    server.pause();
    assert.equal(client.write([Buffer.alloc(40)]), true);
    platform.runTurns();
    assert.equal(client.write([Buffer.alloc(120)]), false);
    platform.runTurns();
    assert.equal(client.pendingBytes, 60);
    assert.deepEqual([clientSink.events, serverSink.events], [[], []]);
    server.resume();
    platform.runTurns();
    assert.equal(serverSink.bytes.byteLength, 160);
    assert.deepEqual(clientSink.events, ["drain"]);
  });

  it("close once when destroyed; the peer hears the end, and a reset if it goes on writing", async () => {
    const { platform, client, clientSink, server, serverSink } = await pair();
    client.destroy(new Error("enough"));
    client.destroy();
    assert.equal(client.write([Buffer.from("x")]), false);
    platform.runTurns();
    assert.deepEqual(clientSink.events, ["close enough"]);
    assert.deepEqual(serverSink.events, ["end"]);
    server.write([Buffer.from("x")]);
    platform.runTurns();
    assert.deepEqual(serverSink.events, [
      "end",
      "close connection to ipv4:10.0.0.1:40000 was reset by the peer (ECONNRESET)",
    ]);
    platform.assertQuiet();
  });

  it("reset the peer when destroyed with bytes unread", async () => {
    const { platform, client, clientSink, server } = await pair();
    server.pause();
    client.write([Buffer.from("x")]);
    platform.runTurns();
    server.destroy();
    platform.runTurns();
    assert.deepEqual(clientSink.events, ["close connection to ipv4:10.0.0.1:50051 was reset by the peer (ECONNRESET)"]);
    platform.assertQuiet();
  });

  it("go silent when frozen and on when thawed", async () => {
    const { platform, link, client, serverSink } = await pair();
    link.freeze();
    client.write([Buffer.from("x")]);
    platform.advance(100_000);
    assert.deepEqual([serverSink.events, client.pendingBytes], [[], 1]);
    link.thaw();
    platform.runTurns();
    assert.deepEqual(serverSink.events, ["data 1"]);
  });

  it("reset both ends when cut", async () => {
    const { platform, link, clientSink, serverSink } = await pair();
    link.cut();
    platform.runTurns();
    assert.match(`${clientSink.events}`, /^close connection to ipv4:10\.0\.0\.1:50051 was reset/);
    assert.match(`${serverSink.events}`, /^close connection to ipv4:10\.0\.0\.1:40000 was reset/);
    platform.assertQuiet();
  });

  it("say what is left", async () => {
    const { platform } = await pair();
    platform.setTimer(platform.now() + 1, () => {});
    assert.throws(() => platform.assertQuiet(), /left behind: \{"streams":1,"timers":1,"turns":0\}/);
  });
});
