/** Our client through nginx and haproxy, to our server and to grpc-go's. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { CallInfo, insecure, pushable, StatusCode } from "godwit";
import type { BidiRequestInit } from "../../gen/godwit/testing/v1/echo_godwit.js";
import { type OurClient, openOurClient } from "../../ours/our-client.js";
import { startOurServer } from "../../ours/our-server.js";
import { CertificateFiles } from "../../support/certificate-files.js";
import { CallerLoad } from "../../support/fleet.js";
import { backends } from "./backends.js";
import { haproxy } from "./haproxy.js";
import { nginx } from "./nginx.js";
import { ReverseProxy } from "./proxy.js";

const mebibyte = 1024 * 1024;
const callers = 20;
/** Configurations that the proxy has, one after the other. */
const configurations = 4;
/** For the calls that find a new one. */
const lateMs = 20_000;

/** A client that finds the proxy as soon as it listens. */
async function openClient(proxy: ReverseProxy, credentials = insecure()): Promise<OurClient> {
  const client = openOurClient(proxy.port, {
    credentials,
    connect: { initialBackoffMs: 50, maxBackoffMs: 200 },
    defaultTimeoutMs: 30_000,
    limits: { maxReceiveMessageBytes: 64 * mebibyte },
    shareConnections: false,
  });
  await client.echo.unary({}, { waitForReady: true });
  return client;
}

const ways = [nginx, haproxy].flatMap((kind) =>
  backends.flatMap((backend) => ["h2c", "TLS"].map((transport) => ({ kind, backend, transport }))),
);

for (const { kind, backend, transport } of ways) {
  describe(`our client, ${transport}, ${kind.name}, ${backend.name}`, function () {
    this.timeout(60_000);
    const certificate = transport === "TLS" ? new CertificateFiles() : undefined;
    let server: AsyncDisposable;
    let proxy: ReverseProxy;
    let client: OurClient;

    before(async () => {
      const started = await backend.start();
      server = started;
      proxy = await ReverseProxy.start(kind, started.port, { certificate });
      client = await openClient(proxy, certificate?.credentials);
    });

    after(async () => {
      for (const one of [client, proxy, server]) await one?.[Symbol.asyncDispose]();
      certificate?.[Symbol.dispose]();
    });

    it("makes calls of all four kinds", async () => {
      const { echo } = client;
      assert.equal((await echo.unary({ id: "a" })).id, "a");
      const indexes: number[] = [];
      for await (const { index } of echo.serverStream({ count: 500, size: 1000 })) indexes.push(index);
      assert.deepEqual(
        indexes,
        Array.from({ length: 500 }, (_, i) => i),
      );
      const sum = await echo.clientStream(Array.from({ length: 500 }, () => ({ payload: new Uint8Array(1000) })));
      assert.deepEqual([sum.messages, sum.bytes], [500, 500_000n]);
    });

    it("lets both sides talk in turn", async () => {
      const requests = pushable<BidiRequestInit>();
      requests.write({ index: 0 });
      for await (const { index } of client.echo.bidi(requests)) {
        if (index === 20) requests.finish();
        else requests.write({ index: index + 1 });
      }
    });

    it("passes metadata on, as headers and as trailers", async () => {
      const info = new CallInfo();
      const octets = Uint8Array.from({ length: 256 }, (_, i) => i);
      const metadata = { "x-echo-initial": "one, two", "x-echo-trailing-bin": octets };
      await client.echo.unary({}, { metadata, info });
      assert.equal(info.headers.get("x-echo-initial"), "one, two");
      assert.deepEqual(info.trailers.get("x-echo-trailing-bin"), octets);
    });

    it("passes a refusal on with its sentence", async () => {
      const failWithMessage = "\t\nno such thing\r\n☺ 😈";
      const call = client.echo.unary({ failWithCode: StatusCode.NOT_FOUND, failWithMessage });
      await assert.rejects(call, { code: StatusCode.NOT_FOUND, statusMessage: failWithMessage });
    });

    it("passes an error behind messages on", async () => {
      const call = client.echo.serverStream({ count: 3, size: 10, failWithCode: StatusCode.ABORTED });
      let count = 0;
      const read = async (): Promise<void> => {
        for await (const _ of call) count++;
      };
      await assert.rejects(read(), { code: StatusCode.ABORTED, statusMessage: "failed behind 3 messages" });
      assert.equal(count, 3);
    });

    it("takes messages of 20 MiB both ways", async () => {
      const payload = new Uint8Array(20 * mebibyte).map((_, i) => i % 251);
      const answer = await client.echo.unary({ payload });
      assert.ok(Buffer.from(answer.payload).equals(payload));
    });

    it("takes compressed messages", async () => {
      const payload = new Uint8Array(mebibyte);
      assert.deepEqual((await client.echo.unary({ payload }, { compression: "gzip" })).payload, payload);
    });

    it("keeps deadlines", async () => {
      const started = performance.now();
      const call = client.echo.unary({ delayMs: 20_000 }, { timeoutMs: 200 });
      await assert.rejects(call, { code: StatusCode.DEADLINE_EXCEEDED });
      assert.ok(performance.now() - started < 5_000);
    });

    it("lets a call be cancelled, and the next one go on", async () => {
      for await (const { index } of client.echo.serverStream({ count: 1_000_000, size: 1000 })) {
        if (index === 10) break;
      }
      const signal = AbortSignal.timeout(50);
      await assert.rejects(client.echo.unary({ delayMs: 20_000 }, { signal }), { code: StatusCode.CANCELLED });
      assert.equal((await client.echo.unary({ id: "next" })).id, "next");
    });

    it("loses no call when the proxy is reloaded under load, idempotent or not", async () => {
      assert.deepEqual(await failuresOfReloads(proxy, client), []);
    });

    it("goes on with a stream that began before a reload", async () => {
      const requests = pushable<BidiRequestInit>();
      const responses = client.echo.bidi(requests)[Symbol.asyncIterator]();
      const turn = async (index: number): Promise<void> => {
        requests.write({ index });
        assert.equal((await responses.next()).value?.index, index);
      };
      await turn(0);
      const former = await configurationOf(client);
      proxy.reload();
      // The connection of the stream stays where it is; others find the successor.
      for (let now = former; now === former; ) {
        await using other = await openClient(proxy, certificate?.credentials);
        now = await configurationOf(other);
      }
      for (let index = 1; index <= 100; index++) await turn(index);
      requests.finish();
      assert.equal((await responses.next()).done, true);
    });
  });
}

describe("our client, nginx with few requests on a connection", () => {
  it("loses no call of 2,000, of which each connection takes 50", async () => {
    await using server = await startOurServer();
    await using proxy = await ReverseProxy.start(nginx, server.port, { requestsPerConnection: 50 });
    await using client = await openClient(proxy);
    const call = async (): Promise<void> => {
      for (let i = 0; i < 100; i++) await client.echo.clientStream([{ payload: new Uint8Array(100) }]);
    };
    await Promise.all(Array.from({ length: callers }, call));
  });
});

for (const kind of [nginx, haproxy]) {
  describe(`our client, ${kind.name}, no server`, () => {
    it("says UNAVAILABLE, and whose answer that is", async () => {
      const port = await unusedPort();
      await using proxy = await ReverseProxy.start(kind, port);
      await using client = openOurClient(proxy.port, { connect: { initialBackoffMs: 50 } });
      const call = client.echo.unary({}, { waitForReady: true, retry: false, timeoutMs: 20_000 });
      await assert.rejects(call, { code: StatusCode.UNAVAILABLE, statusMessage: /HTTP status 50[23]/ });
    });
  });
}

async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

async function configurationOf({ echo }: OurClient): Promise<string> {
  const info = new CallInfo();
  await echo.unary({}, { info });
  return String(info.headers.get("x-configuration"));
}

/** Reloads while callers call; the next one comes when answers have come under the last configuration, and no other is in use. */
async function failuresOfReloads(proxy: ReverseProxy, { echo }: OurClient): Promise<string[]> {
  const generations = new Set<string>();
  const load = new CallerLoad(callers, async (id) => {
    const info = new CallInfo();
    try {
      // Of the one the .proto says that it is idempotent, of the other it says nothing.
      if (id.endsWith("0")) await echo.unary({ id }, { info });
      else await echo.clientStream([{}], { info });
      generations.add(String(info.headers.get("x-configuration")));
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  });
  try {
    for (let i = 0; i < configurations; i++) {
      const before = generations.size;
      const enough = load.ended + 500;
      if (i > 0) proxy.reload();
      await new Promise<void>((resolve, reject) => {
        const late = setTimeout(
          () => reject(new Error(`answers of ${[...generations]} and no others\n${proxy.said}`)),
          lateMs,
        );
        load.onEnded = () => {
          if (load.ended < enough || generations.size === before || !proxy.isSettled) return;
          clearTimeout(late);
          resolve();
        };
      });
    }
  } finally {
    await load.stop();
  }
  assert.deepEqual([...generations], ["1", "2", "3", "4"]);
  return load.failed.map(({ id, reason }) => `${id}: ${reason}`);
}
