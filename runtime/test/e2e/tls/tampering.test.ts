import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { createClient, StatusCode, StatusError } from "godwit";
import { EchoService } from "../../gen/godwit/testing/v1/echo_godwit.js";
import { collect } from "../loopback.js";
import { authority, goodClient, identity, openClient, openSecure } from "./secure-loopback.js";

/** What one direction of a connection carried. */
interface Recorded {
  readonly up: Buffer[];
  readonly down: Buffer[];
}

/** Somebody on the way: writes everything down, and changes what it likes. */
class OnTheWay implements AsyncDisposable {
  readonly recorded: Recorded[] = [];
  /** Changes one byte: in which direction, and which one. */
  flip: { readonly direction: keyof Recorded; readonly at: number } | undefined;
  readonly #server = createServer((socket) => this.#join(socket));
  readonly #sockets = new Set<Socket>();
  readonly #port: number;

  private constructor(port: number) {
    this.#port = port;
  }

  static async open(port: number): Promise<OnTheWay> {
    const way = new OnTheWay(port);
    way.#server.listen(0, "127.0.0.1");
    await once(way.#server, "listening");
    return way;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Everything that went by, of all connections. */
  get everything(): Buffer {
    return Buffer.concat(this.recorded.flatMap(({ up, down }) => [...up, ...down]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #join(client: Socket): void {
    const recorded: Recorded = { up: [], down: [] };
    this.recorded.push(recorded);
    const server = connect(this.#port, "127.0.0.1");
    this.#carry(client, server, recorded, "up");
    this.#carry(server, client, recorded, "down");
  }

  #carry(from: Socket, to: Socket, recorded: Recorded, direction: keyof Recorded): void {
    let passed = 0;
    this.#sockets.add(from);
    from.on("error", () => to.destroy());
    from.on("close", () => {
      this.#sockets.delete(from);
      to.destroy();
    });
    from.on("end", () => to.end());
    from.on("data", (chunk: Buffer) => {
      const at = this.flip?.direction === direction ? this.flip.at - passed : -1;
      const byte = chunk[at];
      if (byte !== undefined) chunk[at] = byte ^ 0x01;
      passed += chunk.length;
      recorded[direction].push(Buffer.from(chunk));
      to.write(chunk);
    });
  }
}

/** Every part of the handshake and of the call is met; on request each byte. */
const step = Number(process.env["FLIP_STEP"] ?? 61);
const marker = "the-plaintext-marker-of-this-test";
const mutual = { credentials: { clientRoots: authority.certificate } };

describe("somebody on the way", () => {
  it("reads nothing: neither messages, nor metadata, nor methods, nor names of clients", async () => {
    await using loopback = await openSecure(mutual);
    await using way = await OnTheWay.open(loopback.port);
    const { channel, echo } = openClient(way.port, identity(goodClient));
    const payload = Buffer.from(marker.repeat(100));
    const metadata = { authorization: marker, "x-marker": marker };
    await echo.unary({ id: marker, payload }, { metadata });
    await collect(echo.bidi([{ index: 1, payload }], { metadata }));
    await channel.close();
    const seen = way.everything;
    assert.ok(seen.length > 2 * payload.length);
    for (const secret of [
      marker,
      Buffer.from(marker).toString("base64").slice(0, 20),
      "EchoService",
      "grpc-status",
      "spiffe",
    ]) {
      assert.ok(!seen.includes(secret), secret);
    }
  });

  it("gets nothing through by replaying what it recorded", async () => {
    await using loopback = await openSecure(mutual);
    await using way = await OnTheWay.open(loopback.port);
    const { channel, echo } = openClient(way.port, identity(goodClient));
    await echo.unary({ id: "transfer 100" });
    await channel.close();
    assert.equal(loopback.peers.length, 1);
    const [recorded] = way.recorded;
    for (const inOnePiece of [true, false]) {
      const socket = connect(loopback.port, "127.0.0.1").on("error", () => undefined);
      const closed = new Promise((resolve) => socket.resume().on("close", resolve));
      const chunks = recorded?.up ?? [];
      for (const chunk of inOnePiece ? [Buffer.concat(chunks)] : chunks) socket.write(chunk);
      await closed;
    }
    assert.equal(loopback.peers.length, 1);
  });

  for (const direction of ["up", "down"] as const) {
    it(`gets nothing through that it changed (${direction})`, async () => {
      await using loopback = await openSecure({
        ...mutual,
        server: { maxFaultsPerAddress: Number.POSITIVE_INFINITY, onConnectionError: () => undefined },
      });
      await using way = await OnTheWay.open(loopback.port);
      const call = async (): Promise<unknown> => {
        const { channel } = openClient(way.port, identity(goodClient), { connect: { timeoutMs: 200 } });
        const payload = Buffer.alloc(100, 7);
        try {
          const answer = await createClient(EchoService, channel).unary({ id: "kettle", payload }, { timeoutMs: 500 });
          assert.equal(answer.id, "kettle");
          assert.deepEqual(Buffer.from(answer.payload), payload);
          return undefined;
        } finally {
          await channel.close();
        }
      };
      await call();
      const total = Buffer.concat(way.recorded[0]?.[direction] ?? []).length;
      assert.ok(total > 500, `${total}`);
      for (let at = 0; at < total; at += step) {
        way.flip = { direction, at };
        const before = loopback.peers.length;
        // What is changed behind the answer, or in what a handshake has for older versions' sake, harms nobody.
        const error = await call().catch((reason: unknown) => reason);
        if (error !== undefined) {
          assert.ok(error instanceof StatusError, String(error));
          // A longer record than there is makes its reader wait for the rest of it.
          const ended: readonly number[] = [StatusCode.UNAVAILABLE, StatusCode.DEADLINE_EXCEEDED];
          assert.ok(ended.includes(error.code), error.message);
        }
        if (direction === "up" && error !== undefined)
          assert.equal(loopback.peers.length, before, `byte ${at} reached the handler`);
      }
      way.flip = undefined;
      await call();
    });
  }
});
