import { type AddressInfo, createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { certificatesOfRun } from "../certificates-of-run.js";
import type { SubjectServer } from "./subject.js";
import { WholeMessages } from "./whole-messages.js";

/** Reads a whole message, then writes it once. */
export function createRawNetServer(): SubjectServer {
  const sockets = new Set<Socket>();
  const onConnection = (socket: Socket): void => {
    sockets.add(socket.setNoDelay(true));
    const messages = new WholeMessages((framed) => socket.write(framed));
    socket.on("data", (chunk) => messages.receive(chunk));
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  };
  const certificates = certificatesOfRun();
  const server =
    certificates === undefined
      ? createServer(onConnection)
      : createTlsServer({ key: certificates.key, cert: certificates.certificate }, onConnection);
  return {
    listen: () =>
      new Promise((resolve, reject) => {
        server.once("error", reject).listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
      }),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
