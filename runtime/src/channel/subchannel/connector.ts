import type { Address, Connecting } from "../../base/platform.js";
import type { ClientTransport, ClientTransportListener } from "../../transport/transport.js";

/** Hears of one connection from its attempt to its end. Nothing comes before `connect` has returned. */
export interface ConnectionListener extends ClientTransportListener {
  /** The byte stream is open; the server has said nothing yet. */
  onTransport(transport: ClientTransport): void;
  /** No byte stream came about; nothing follows. One clause that names the address. */
  onConnectError(reason: string): void;
}

/** Opens connections: what a subchannel needs of the world. */
export interface Connector {
  /** @param pingFactor How many times rarer than it would the connection is to send PINGs. */
  connect(address: Address, listener: ConnectionListener, pingFactor: number): Connecting;
  /** Some channel is to connect in this way: what it takes is kept at hand until `close`. */
  hold?(): { close(): void };
}
