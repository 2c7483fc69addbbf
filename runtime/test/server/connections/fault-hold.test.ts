import assert from "node:assert/strict";
import type { ByteStream } from "../../../src/base/platform.js";
import { createChannel } from "../../../src/channel/create-channel.js";
import { insecure } from "../../../src/credentials/channel-credentials.js";
import { FaultyAddresses } from "../../../src/server/connections/fault-hold.js";
import { createServer, type Server } from "../../../src/server/server.js";
import type { ServerOptions } from "../../../src/server/server-options.js";
import { createClient } from "../../../src/stub/client.js";
import { Echo } from "../../support/echo-service.js";
import { FakePlatform } from "../../support/fake-platform.js";

const peer = (address: string) => ({ address, security: "none" }) as const;

describe("faulty addresses", () => {
  it("are held when they have broken what they may, until a second without a fault is over", () => {
    const addresses = new FaultyAddresses({ maxFaultsPerAddress: 2, faultHoldMs: 250 });
    const a1 = peer("ipv4:10.0.0.1:1");
    const a2 = peer("ipv4:10.0.0.1:2");
    assert.equal(addresses.holdMs(a1, 0), 0);
    assert.equal(addresses.onFault(a1, 0), false);
    assert.equal(addresses.holdMs(a2, 0), 0);
    assert.equal(addresses.onFault(a2, 0), true, "told once");
    assert.equal(addresses.onFault(a2, 0), false);
    assert.equal(addresses.holdMs(a1, 999), 250);
    assert.equal(addresses.holdMs(peer("ipv4:10.0.0.2:1"), 999), 0);
    assert.equal(addresses.holdMs(a1, 1000), 0);
    assert.equal(addresses.onFault(a1, 1000), true);
  });

  it("are told apart by host, not by port, and with IPv6 by the network of 64 bits", () => {
    const addresses = new FaultyAddresses({ maxFaultsPerAddress: 1, faultHoldMs: 1 });
    const faulty = ["ipv6:[::1]:7", "ipv6:[2001:db8::1:2:3]:7", "ipv6:[fe80::1%25eth0]:7", "unix:/run/x.sock"];
    for (const address of faulty) addresses.onFault(peer(address), 0);
    const held = [
      "ipv6:[::2]:8",
      "ipv6:[2001:db8:0:0:1:2:3:4]:1",
      "ipv6:[2001:db8::]:1",
      "ipv6:[fe80::2]:1",
      faulty[3],
    ];
    for (const address of held) assert.equal(addresses.holdMs(peer(address as string), 0), 1, address);
    const free = ["ipv6:[0:0:0:1::1]:7", "ipv6:[2001:db8:1::1]:7", "ipv6:[2001:db8:0:1::]:7", "ipv4:0.0.0.1:7"];
    for (const address of free) assert.equal(addresses.holdMs(peer(address), 0), 0, address);
  });

  it("are not held without a limit, and from the first fault on with a limit of 0", () => {
    const never = new FaultyAddresses({ maxFaultsPerAddress: Number.POSITIVE_INFINITY, faultHoldMs: 250 });
    for (let i = 0; i < 1000; i++) assert.equal(never.onFault(peer("ipv4:10.0.0.1:1"), 0), false);
    assert.equal(never.holdMs(peer("ipv4:10.0.0.1:1"), 0), 0);
    const atOnce = new FaultyAddresses({ maxFaultsPerAddress: 0, faultHoldMs: 250 });
    assert.equal(atOnce.holdMs(peer("ipv4:10.0.0.1:1"), 0), 0);
    assert.equal(atOnce.onFault(peer("ipv4:10.0.0.1:1"), 0), true);
    assert.equal(atOnce.holdMs(peer("ipv4:10.0.0.1:1"), 0), 250);
  });

  it("are 1,024 at most: the one whose last fault is longest ago is forgotten", () => {
    const addresses = new FaultyAddresses({ maxFaultsPerAddress: 0, faultHoldMs: 250 });
    const nth = (i: number) => peer(`ipv4:10.0.${i >> 8}.${i & 255}:1`);
    for (let i = 0; i < 1024; i++) addresses.onFault(nth(i), 0);
    addresses.onFault(nth(0), 0);
    addresses.onFault(nth(1024), 0);
    assert.equal(addresses.holdMs(nth(0), 0), 250);
    assert.equal(addresses.holdMs(nth(1), 0), 0);
  });
});

describe("connections of a faulty address", () => {
  let platform: FakePlatform;
  let server: Server;
  let heard: string[];
  let port: number;

  beforeEach(() => {
    platform = new FakePlatform();
    heard = [];
  });

  afterEach(async () => {
    const closed = server.close({ graceMs: 0 });
    await platform.advanceAsync(10_000);
    await closed;
    platform.assertQuiet();
  });

  async function listen(options: ServerOptions = {}): Promise<void> {
    const onConnectionError = (error: Error) => heard.push(error.message);
    server = createServer({ platform, maxFaultsPerAddress: 2, onConnectionError, ...options });
    server.addPartial(Echo, { unary: (request) => ({ value: `${request.value}!` }) });
    ({ port } = await server.listen("127.0.0.1:0"));
  }

  /** Connects and says something; gives what the server answers. */
  async function say(text: string): Promise<{ stream: ByteStream; answer: () => number; isClosed: () => boolean }> {
    let received = 0;
    let closed = false;
    const stream = await new Promise<ByteStream>((resolve, reject) => {
      const address = { transport: "tcp", host: "127.0.0.1", port } as const;
      const onData = (chunk: Uint8Array) => {
        received += chunk.length;
      };
      const onClose = () => {
        closed = true;
      };
      const onConnect = (opened: ByteStream) => {
        resolve(opened);
        return { onData, onDrain() {}, onEnd: () => opened.end(), onClose };
      };
      platform.connect(address, { kind: "none" }, { onConnect, onError: reject });
      platform.settle();
    });
    if (text !== "") stream.write([Buffer.from(text)]);
    await platform.settle();
    return { stream, answer: () => received, isClosed: () => closed };
  }

  async function breakTwice(): Promise<void> {
    for (let i = 0; i < 2; i++) {
      (await say("GET / HTTP/1.1\r\n\r\n")).stream.end();
      await platform.settle();
    }
  }

  it("are read 250 ms later, and what they said meanwhile counts", async () => {
    await listen();
    await breakTwice();
    assert.equal(heard.length, 3);
    assert.equal(
      heard[2],
      "connections of this address broke the protocol again and again, limit 2 (maxFaultsPerAddress): its next ones are read after 250 ms",
    );
    const channel = createChannel(`127.0.0.1:${port}`, { credentials: insecure(), platform });
    const answer = createClient(Echo, channel).unary({ value: "a" });
    await platform.advanceAsync(249);
    assert.equal(server.connections().length, 0);
    await platform.advanceAsync(2);
    assert.equal((await answer).value, "a!");
    assert.equal(server.connections().length, 1);
    const closing = channel.close();
    await platform.advanceAsync(10);
    await closing;
  });

  it("are read at once when the address has behaved for a while", async () => {
    await listen();
    await breakTwice();
    await platform.advanceAsync(1000);
    const { answer, stream } = await say("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    assert.ok(answer() > 0);
    stream.destroy();
  });

  it("wait as soon as the others were found out, not when those are gone", async () => {
    await listen();
    const first = await say("GET / HTTP/1.1\r\n\r\n");
    const second = await say("GET / HTTP/1.1\r\n\r\n");
    const third = await say("GET / HTTP/1.1\r\n\r\n");
    assert.deepEqual(
      [first, second, third].map((each) => each.answer() > 0),
      [true, true, false],
    );
    for (const { stream } of [first, second, third]) stream.destroy();
  });

  it("cost nothing once the client has left", async () => {
    await listen();
    await breakTwice();
    const { stream, answer } = await say("");
    stream.destroy();
    await platform.advanceAsync(1000);
    assert.equal(answer(), 0);
    assert.equal(server.connections().length, 0);
  });

  it("count for maxConnections", async () => {
    await listen({ maxConnections: 1 });
    await breakTwice();
    const first = await say("");
    const second = await say("");
    assert.equal(second.isClosed(), true);
    assert.match(heard.at(-1) ?? "", /^the server has 1 open connections, limit 1 \(maxConnections\)$/);
    first.stream.destroy();
  });

  it("end with the server", async () => {
    await listen();
    await breakTwice();
    const { isClosed } = await say("");
    const closed = server.close();
    await platform.settle();
    await closed;
    assert.equal(isClosed(), true);
  });
});
