import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, connect as netConnect, type Socket } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import type { Address, ByteStream, ByteStreamSink, Listener } from "../../src/base/platform.js";
import type { ClientSecurity, NoSecurity } from "../../src/base/tls.js";
import { writeLimitBytes } from "../../src/net/duplex-stream.js";
import { createNodePlatform } from "../../src/net/node-platform.js";
import { runChild } from "../support/child-process.js";
import { RecordingSink } from "../support/recording-sink.js";

const plain: NoSecurity = { kind: "none" };
const loopback: Address = { transport: "tcp", host: "127.0.0.1", port: 0 };
const platform = createNodePlatform();

/** Not every container has it. */
const hasIpv6 = Object.values(networkInterfaces()).some((entries) => entries?.some((entry) => entry.address === "::1"));

interface End {
  stream: ByteStream;
  sink: RecordingSink;
}

function connect(address: Address): Promise<End> {
  const sink = new RecordingSink();
  return new Promise((resolve, reject) => {
    platform.connect(address, plain, {
      onConnect(stream) {
        resolve({ stream, sink });
        return sink;
      },
      onError: reject,
    });
  });
}

/** A listener, and the ends that it accepts, in order. */
async function listen(
  address: Address,
): Promise<{ listener: Listener; accepted: () => Promise<End>; errors: Error[] }> {
  const ready: End[] = [];
  const wanted: ((end: End) => void)[] = [];
  const errors: Error[] = [];
  const listener = await platform.listen(address, plain, {
    onAccept(stream) {
      const end = { stream, sink: new RecordingSink() };
      const next = wanted.shift();
      if (next === undefined) ready.push(end);
      else next(end);
      return end.sink;
    },
    onError: (error) => errors.push(error),
  });
  const accepted = (): Promise<End> => {
    const end = ready.shift();
    return end === undefined ? new Promise((resolve) => wanted.push(resolve)) : Promise.resolve(end);
  };
  return { listener, accepted, errors };
}

async function pair(address: Address): Promise<{ listener: Listener; client: End; server: End }> {
  const { listener, accepted } = await listen(address);
  const client = await connect(listener.address);
  return { listener, client, server: await accepted() };
}

function portOf(address: Address): number {
  assert.equal(address.transport, "tcp");
  return address.transport === "tcp" ? address.port : 0;
}

async function sentenceOf(failing: Promise<unknown>): Promise<string> {
  try {
    await failing;
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error("it did not fail");
}

describe("sockets", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "godwit-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  const kinds: readonly [string, () => Address][] = [
    ["tcp", () => loopback],
    ["tcp over IPv6", () => ({ transport: "tcp", host: "::1", port: 0 })],
    ["unix", () => ({ transport: "unix", path: join(folder, "echo.sock") })],
  ];
  for (const [kind, address] of kinds) {
    const isAbsent = kind === "tcp over IPv6" && !hasIpv6;
    it(`carry bytes both ways and end in order (${kind}${isAbsent ? ", skipped: this host has none" : ""})`, async function () {
      if (isAbsent) this.skip();
      const { listener, client, server } = await pair(address());
      client.stream.write([Buffer.from("hel"), Buffer.from("lo")]);
      client.stream.end();
      await server.sink.until((sink) => sink.events.includes("end"));
      assert.equal(server.sink.bytes.toString(), "hello");
      server.stream.write([Buffer.from("answer after your end")]);
      server.stream.end();
      await Promise.all([client.sink.closed, server.sink.closed]);
      assert.equal(client.sink.bytes.toString(), "answer after your end");
      assert.deepEqual(client.sink.events, ["data 21", "end", "close"]);
      assert.deepEqual(server.sink.events, ["data 5", "end", "close"]);
      await listener.close();
    });
  }

  it("name their peers", async () => {
    const { listener, client, server } = await pair(loopback);
    assert.deepEqual(client.stream.peer, { address: `ipv4:127.0.0.1:${portOf(listener.address)}`, security: "none" });
    assert.match(server.stream.peer.address, /^ipv4:127\.0\.0\.1:\d+$/);
    client.stream.destroy();
    server.stream.destroy();
    await listener.close();
    const path = join(folder, "peer.sock");
    const unix = await pair({ transport: "unix", path });
    assert.deepEqual(unix.client.stream.peer, { address: `unix:${path}`, security: "local" });
    assert.deepEqual(unix.server.stream.peer, { address: `unix:${path}`, security: "local" });
    unix.client.stream.destroy();
    unix.server.stream.destroy();
    await unix.listener.close();
  });

  it("push back, drain, and lose nothing of 8 MiB", async () => {
    const { listener, client, server } = await pair(loopback);
    server.stream.pause();
    const chunk = Buffer.alloc(64 * 1024);
    const total = 128;
    let sent = 0;
    let stops = 0;
    const writeAll = (): void => {
      while (sent < total) {
        chunk.fill(sent);
        const more = client.stream.write([Buffer.from(chunk)]);
        sent++;
        if (more) continue;
        stops++;
        return;
      }
      client.stream.end();
    };
    const drain = client.sink.onDrain.bind(client.sink);
    client.sink.onDrain = () => {
      drain();
      writeAll();
    };
    writeAll();
    assert.ok(sent < total, "the receiver is paused, so the sender was stopped");
    assert.ok(client.stream.pendingBytes >= writeLimitBytes);
    server.stream.resume();
    await server.sink.until((sink) => sink.events.includes("end"));
    const got = server.sink.bytes;
    assert.equal(got.byteLength, total * chunk.byteLength);
    for (let i = 0; i < total; i++) assert.equal(got[i * chunk.byteLength + 17], i);
    assert.equal(client.sink.events.filter((event) => event === "drain").length, stops);
    server.stream.end();
    await Promise.all([client.sink.closed, server.sink.closed]);
    await listener.close();
  });

  it("give each chunk a memory of its own", async () => {
    const { listener, client, server } = await pair(loopback);
    const kept: Uint8Array[] = [];
    const record = server.sink.onData.bind(server.sink);
    server.sink.onData = (chunk) => {
      kept.push(chunk);
      record(chunk);
    };
    for (let i = 1; i <= 20; i++) {
      client.stream.write([Buffer.alloc(100, i)]);
      await server.sink.until((sink) => sink.bytes.byteLength === 100 * i);
    }
    assert.deepEqual(Buffer.concat(kept), server.sink.bytes);
    client.stream.destroy();
    server.stream.destroy();
    await listener.close();
  });

  it("tell onClose exactly once on both ends when one is destroyed", async () => {
    const { listener, client, server } = await pair(loopback);
    const reason = new Error("the call was too long");
    client.stream.destroy(reason);
    client.stream.destroy();
    await client.sink.closed;
    assert.deepEqual(client.sink.events, ["close the call was too long"]);
    await server.sink.until((sink) => sink.events.length > 0);
    assert.deepEqual(server.sink.events, ["end"]);
    server.stream.end();
    await server.sink.closed;
    assert.deepEqual([client.sink.closes, server.sink.closes], [1, 1]);
    await listener.close();
  });

  it("say that the peer reset the connection", async () => {
    const { listener, accepted } = await listen(loopback);
    const raw: Socket = netConnect(portOf(listener.address), "127.0.0.1");
    raw.on("error", () => {});
    const server = await accepted();
    raw.resetAndDestroy();
    await server.sink.closed;
    assert.deepEqual(server.sink.events, [
      `close connection to ${server.stream.peer.address} was reset by the peer (ECONNRESET)`,
    ]);
    await listener.close();
  });

  it("run outside the context of the one who connected first", async () => {
    const { listener, accepted } = await listen(loopback);
    const storage = new AsyncLocalStorage<string>();
    let seen: string | undefined = "nothing came";
    const sink = new RecordingSink();
    const record = sink.onData.bind(sink);
    sink.onData = (chunk) => {
      seen = storage.getStore();
      record(chunk);
    };
    const stream = await new Promise<ByteStream>((resolve, reject) => {
      storage.run("a request", () =>
        platform.connect(listener.address, plain, {
          onConnect(made): ByteStreamSink {
            resolve(made);
            return sink;
          },
          onError: reject,
        }),
      );
    });
    const server = await accepted();
    server.stream.write([Buffer.from("x")]);
    await sink.until(() => sink.events.length > 0);
    assert.equal(seen, undefined);
    stream.destroy();
    server.stream.destroy();
    await listener.close();
  });

  it("let the process exit when nobody holds them", async () => {
    const module = new URL("../../src/net/node-platform.js", import.meta.url).href;
    const { listener, accepted } = await listen(loopback);
    const result = await runChild(
      `import { createNodePlatform } from ${JSON.stringify(module)};
       const sink = { onData() {}, onDrain() {}, onEnd() {}, onClose() {} };
       createNodePlatform().connect(${JSON.stringify(listener.address)}, { kind: "none" }, {
         onConnect(stream) { stream.keepAlive(false); console.log("connected"); return sink; },
         onError(error) { console.log(error.message); },
       });`,
    );
    assert.deepEqual(result, { exitCode: 0, output: "connected\n", errors: "" });
    (await accepted()).stream.destroy();
    await listener.close();
  });
});

describe("connect", () => {
  let folder = "";
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "godwit-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("says that it was refused", async () => {
    const { listener } = await listen(loopback);
    await listener.close();
    const port = portOf(listener.address);
    assert.equal(
      await sentenceOf(connect(listener.address)),
      `connect to 127.0.0.1:${port} was refused (ECONNREFUSED)`,
    );
  });

  it("says that a unix socket does not exist", async () => {
    const path = join(folder, "none.sock");
    assert.equal(await sentenceOf(connect({ transport: "unix", path })), `unix:${path} does not exist (ENOENT)`);
  });

  const wrong: readonly [Address, string][] = [
    [
      { transport: "tcp", host: "127.0.0.1", port: 70000 },
      "cannot connect to 127.0.0.1:70000: port is 70000, limit 65535",
    ],
    [
      { transport: "tcp", host: "a\0b", port: 1 },
      "cannot connect to a\0b:1: host is empty or has a space or a control character",
    ],
    [{ transport: "inproc", name: "shop" }, "cannot connect to inproc:shop: an in-process address has no byte stream"],
  ];
  for (const [address, sentence] of wrong) {
    it(JSON.stringify(sentence), async () => assert.equal(await sentenceOf(connect(address)), sentence));
  }

  it("refuses a security that it does not know", async () => {
    const failing = new Promise((_, reject) => {
      platform.connect(loopback, { kind: "quantum" } as unknown as ClientSecurity, {
        onConnect: () => new RecordingSink(),
        onError: reject,
      });
    });
    assert.equal(
      await sentenceOf(failing),
      'cannot connect to 127.0.0.1:0: security is "quantum", expected "none" or "tls"',
    );
  });

  it("says nothing after cancel, whatever the attempt would have come to", async () => {
    const listener = await platform.listen(loopback, plain, {
      onAccept(stream) {
        stream.destroy();
        return new RecordingSink();
      },
      onError: (error) => assert.fail(error.message),
    });
    const open = listener.address;
    const refused: Address = { transport: "tcp", host: "127.0.0.1", port: 1 };
    const malformed: Address = { transport: "tcp", host: "127.0.0.1", port: -1 };
    const heard: string[] = [];
    const attempt = (address: Address) =>
      platform.connect(address, plain, {
        onConnect() {
          heard.push("connected");
          return new RecordingSink();
        },
        onError: (error) => heard.push(error.message),
      });
    for (const address of [open, refused, malformed]) {
      const connecting = attempt(address);
      connecting.cancel();
      connecting.cancel();
    }
    const late = await connect(open);
    assert.deepEqual(heard, []);
    late.stream.destroy();
    await late.sink.closed;
    await listener.close();
  });

  it("leaves an open stream alone when cancelled after it succeeded", async () => {
    const { listener, accepted } = await listen(loopback);
    const sink = new RecordingSink();
    let connecting: { cancel(): void } | undefined;
    const stream = await new Promise<ByteStream>((resolve, reject) => {
      connecting = platform.connect(listener.address, plain, {
        onConnect(made) {
          resolve(made);
          return sink;
        },
        onError: reject,
      });
    });
    connecting?.cancel();
    stream.write([Buffer.from("still here")]);
    const server = await accepted();
    await server.sink.until((end) => end.bytes.toString() === "still here");
    assert.equal(sink.closes, 0);
    stream.destroy();
    server.stream.destroy();
    await listener.close();
  });

  it("lets cancel come from inside onConnect", async () => {
    const { listener, accepted } = await listen(loopback);
    const sink = new RecordingSink();
    const connecting = platform.connect(listener.address, plain, {
      onConnect(stream) {
        connecting.cancel();
        stream.destroy();
        return sink;
      },
      onError: (error) => assert.fail(error.message),
    });
    await sink.closed;
    assert.deepEqual(sink.events, ["close"]);
    (await accepted()).stream.destroy();
    await listener.close();
  });

  it("tells a reset after it had succeeded as the stream's end", async () => {
    const server = createServer((socket) => socket.once("data", () => socket.resetAndDestroy()));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const bound = server.address();
    assert.ok(bound !== null && typeof bound === "object");
    const { stream, sink } = await connect({ transport: "tcp", host: "127.0.0.1", port: bound.port });
    stream.write([Buffer.from("x")]);
    await sink.closed;
    assert.deepEqual(sink.events, [
      `close connection to ipv4:127.0.0.1:${bound.port} was reset by the peer (ECONNRESET)`,
    ]);
    server.close();
  });
});
