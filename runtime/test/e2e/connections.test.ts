import assert from "node:assert/strict";
import { once } from "node:events";
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Socket,
  type Server as TcpServer,
} from "node:net";
import { createChannel, createClient, insecure, type StatusError } from "godwit";
import { EchoService } from "../gen/godwit/testing/v1/echo_godwit.js";
import { openLoopback } from "./loopback.js";

/** Something on the way to a server that can be cut. */
class Relay implements AsyncDisposable {
  readonly #listener: TcpServer;
  readonly #sockets = new Set<Socket>();
  accepted = 0;

  private constructor(listener: TcpServer) {
    this.#listener = listener;
  }

  static async open(port: number): Promise<Relay> {
    const listener = createTcpServer((socket) => relay.#join(socket, connect(port, "127.0.0.1")));
    const relay = new Relay(listener);
    await once(listener.listen(0, "127.0.0.1"), "listening");
    return relay;
  }

  get port(): number {
    return (this.#listener.address() as AddressInfo).port;
  }

  /** The server's host is gone: connections are reset, and there are no others. */
  async kill(): Promise<void> {
    const closed = new Promise((resolve) => this.#listener.close(resolve));
    for (const socket of this.#sockets) socket.resetAndDestroy();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#listener.listening) await this.kill();
  }

  #join(client: Socket, server: Socket): void {
    this.accepted++;
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => {});
      socket.on("close", () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }
}

describe("e2e: connections", () => {
  it("to a server that is killed get no further call once they are reset", async () => {
    const calls = [0, 0];
    const open = (index: 0 | 1) =>
      openLoopback({
        handlers: {
          unary: ({ id }) => {
            calls[index] = (calls[index] as number) + 1;
            return { id };
          },
        },
      });
    await using first = await open(0);
    await using second = await open(1);
    await using relay = await Relay.open(first.port);
    await using channel = createChannel(`ipv4:127.0.0.1:${relay.port},127.0.0.1:${second.port}`, {
      credentials: insecure(),
      loadBalancing: "round_robin",
    });
    const echo = createClient(EchoService, channel);
    while (calls.some((count) => count === 0)) await echo.unary({});
    await relay.kill();
    // Those that the reset meets may end with it; none is sent behind it.
    let failed = 0;
    await Promise.all(
      Array.from({ length: 50 }, () =>
        echo.unary({}, { timeoutMs: 5000 }).catch((error: StatusError) => {
          failed++;
          assert.notEqual(error.delivery, "processed");
        }),
      ),
    );
    const seen = calls[0];
    for (let i = 0; i < 100; i++) await echo.unary({}, { timeoutMs: 5000 });
    assert.equal(calls[0], seen, "a call reached the server that is gone");
    assert.ok(failed <= 50);
  });

  it("are shared by channels, and stay for those that are open", async () => {
    await using loopback = await openLoopback();
    await using other = createChannel(loopback.address, { credentials: insecure() });
    const echo = createClient(EchoService, other);
    await Promise.all([loopback.echo.unary({}), echo.unary({})]);
    assert.equal(loopback.server.connections().length, 1);
    await loopback.channel.close();
    assert.equal((await echo.unary({ id: "x" })).id, "x");
    assert.equal(loopback.server.connections().length, 1);
  });

  it("are told of as states", async () => {
    await using loopback = await openLoopback();
    const { channel } = loopback;
    const seen: string[] = [];
    const watching = (async () => {
      for await (const state of channel.states()) seen.push(state);
    })();
    channel.connect();
    for (let state = channel.state(); state !== "READY"; state = channel.state()) {
      assert.equal(await channel.waitForStateChange(state, { timeoutMs: 10_000 }), true);
    }
    await channel.close();
    await watching;
    assert.deepEqual([seen[0], seen.at(-1)], ["IDLE", "SHUTDOWN"]);
  });

  it("are replaced as their stream ids run out, under load", async () => {
    await using loopback = await openLoopback({ channel: { limits: { maxStreamId: 199 } } });
    const worker = async (): Promise<void> => {
      for (let i = 0; i < 200; i++) await loopback.echo.unary({}, { timeoutMs: 10_000 });
    };
    await Promise.all(Array.from({ length: 10 }, worker));
  });
});
