import { subscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";

/** The sockets of one end of connections, as Node tells of them: godwit shows none, and a soak has to break them. */
export class OpenSockets {
  readonly #open = new Set<Socket>();

  constructor(end: "client" | "server") {
    subscribe(`net.${end}.socket`, (message) => this.#add((message as { readonly socket: Socket }).socket));
  }

  /** The peer reads ECONNRESET. */
  resetAll(): void {
    for (const socket of this.#open) socket.resetAndDestroy();
  }

  #add(socket: Socket): void {
    this.#open.add(socket);
    socket.once("close", () => this.#open.delete(socket));
  }
}
