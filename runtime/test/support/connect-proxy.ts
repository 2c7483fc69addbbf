import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

export interface ConnectProxyOptions {
  /** What names mean: `shop.corp:443` to a port of this host. Everything is allowed that is in it, and nothing else. */
  readonly names?: Readonly<Record<string, number>>;
  /** The value of Proxy-Authorization that is wanted. */
  readonly authorization?: string;
  /** In place of a tunnel. */
  readonly answer?: (client: Socket, head: string) => void;
}

/** A proxy for CONNECT on the loopback interface. */
export class ConnectProxy implements AsyncDisposable {
  /** Of every request, in order. */
  readonly heads: string[] = [];
  readonly #server: Server;
  readonly #options: ConnectProxyOptions;
  readonly #sockets = new Set<Socket>();

  private constructor(options: ConnectProxyOptions) {
    this.#options = options;
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#accept(client));
  }

  static async open(options: ConnectProxyOptions = {}): Promise<ConnectProxy> {
    const proxy = new ConnectProxy(options);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Tunnels and clients that are open. */
  get openSockets(): number {
    return this.#sockets.size;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => this.#sockets.delete(socket));
    return socket;
  }

  #accept(client: Socket): void {
    this.#keep(client);
    let text = "";
    const onData = (chunk: Buffer): void => {
      text += chunk.toString("latin1");
      const end = text.indexOf("\r\n\r\n");
      if (end === -1) return;
      client.off("data", onData);
      client.pause();
      const head = text.slice(0, end);
      this.heads.push(head);
      const rest = Buffer.from(text.slice(end + 4), "latin1");
      if (rest.length > 0) client.unshift(rest);
      this.#answer(client, head);
    };
    client.on("data", onData);
  }

  #answer(client: Socket, head: string): void {
    const { answer, authorization, names = {} } = this.#options;
    if (answer !== undefined) {
      answer(client, head);
      return;
    }
    if (authorization !== undefined && !head.includes(`\r\nProxy-Authorization: ${authorization}`)) {
      client.end(
        "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n",
      );
      return;
    }
    const name = /^CONNECT (\S+) HTTP\/1\.1\r\n/.exec(head)?.[1] ?? "";
    const port = names[name];
    if (port === undefined) {
      client.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    const server = this.#keep(connect({ port, host: "127.0.0.1", allowHalfOpen: true }));
    server.on("connect", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      server.pipe(client);
      client.pipe(server);
    });
    server.on("close", () => client.destroy());
    client.on("close", () => server.destroy());
  }
}
