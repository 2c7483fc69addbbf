/** A TCP proxy that counts what goes through: tells what is on the wire from what either side says is. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export class ByteTap implements AsyncDisposable {
  connections = 0;
  /** Bytes from clients to the server. */
  upBytes = 0;
  /** Bytes from the server to clients. */
  downBytes = 0;
  readonly #server = createServer((socket) => this.#join(socket));
  readonly #sockets = new Set<Socket>();
  readonly #serverPort: number;

  private constructor(serverPort: number) {
    this.#serverPort = serverPort;
  }

  static async open(serverPort: number): Promise<ByteTap> {
    const tap = new ByteTap(serverPort);
    tap.#server.listen(0, "127.0.0.1");
    await once(tap.#server, "listening");
    return tap;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #join(client: Socket): void {
    this.connections++;
    const server = connect(this.#serverPort, "127.0.0.1");
    client.on("data", (chunk) => {
      this.upBytes += chunk.length;
    });
    server.on("data", (chunk) => {
      this.downBytes += chunk.length;
    });
    this.#keep(client, server);
    this.#keep(server, client);
    client.pipe(server);
    server.pipe(client);
  }

  #keep(socket: Socket, other: Socket): void {
    socket.setNoDelay(true);
    this.#sockets.add(socket);
    socket.on("error", () => other.destroy());
    socket.on("close", () => {
      this.#sockets.delete(socket);
      other.destroy();
    });
  }
}
