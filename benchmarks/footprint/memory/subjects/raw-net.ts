/** Sockets of Node's that carry 64 bytes there and back, and no protocol: what a connection costs at least. */
import { connect, createServer, type Socket } from "node:net";
import { createServer as createTlsServer, connect as tlsConnect } from "node:tls";
import { certificatesOfRun } from "../../../macro/certificates-of-run.js";
import type { SubjectServer } from "../../../macro/subjects/subject.js";
import type { Connect, IdleConnection, IdleStream } from "./idle-client.js";

const payload = Buffer.alloc(64, 0x5a);

export function createRawServer(): SubjectServer {
  const certificates = certificatesOfRun();
  const onSocket = (socket: Socket): void => {
    socket.on("data", (chunk) => socket.write(chunk)).on("error", () => socket.destroy());
  };
  const server =
    certificates === undefined
      ? createServer({ noDelay: true }, onSocket)
      : createTlsServer({ cert: certificates.certificate, key: certificates.key, noDelay: true }, onSocket);
  return {
    listen: () =>
      new Promise((resolve) => {
        server.listen({ host: "127.0.0.1", port: 0, backlog: 511 }, () => {
          const address = server.address();
          resolve(typeof address === "object" && address !== null ? address.port : 0);
        });
      }),
    close: async () => void server.close(),
  };
}

export function rawConnect(port: number): Connect {
  return () => new RawConnection(port);
}

class RawConnection implements IdleConnection {
  readonly #socket: Socket;
  #onAnswer: ((error?: Error) => void) | undefined;
  #received = 0;

  constructor(port: number) {
    const certificates = certificatesOfRun();
    this.#socket =
      certificates === undefined
        ? connect({ host: "127.0.0.1", port, noDelay: true })
        : tlsConnect({ host: "127.0.0.1", port, ca: certificates.roots });
    this.#socket.on("data", (chunk) => {
      this.#received += chunk.length;
      if (this.#received < payload.length) return;
      this.#received = 0;
      this.#onAnswer?.();
    });
    this.#socket.on("error", (error) => this.#onAnswer?.(error));
  }

  call(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#onAnswer = (error) => {
        this.#onAnswer = undefined;
        if (error === undefined) resolve();
        else reject(error);
      };
      this.#socket.write(payload);
    });
  }

  openStream(): Promise<IdleStream> {
    throw new Error("a socket has no streams");
  }

  async close(): Promise<void> {
    this.#socket.destroy();
  }
}
