import type { Address, ByteStream, ByteStreamSink, Connecting, Platform } from "../base/platform.js";
import type { ClientSecurity } from "../base/tls.js";
import type { ClientTransport, ClientTransportListener } from "../transport/transport.js";
import { connectInProcess } from "./in-process-transport.js";
import type { ConnectionListener, Connector } from "./subchannel/connector.js";

/** Makes the client's half of a connection over an open byte stream. */
export type ConnectTransport = (
  stream: ByteStream,
  listener: ClientTransportListener,
  pingFactor: number,
) => { readonly transport: ClientTransport; readonly sink: ByteStreamSink };

/** Connects through the platform; a server of this process without it. */
export class PlatformConnector implements Connector {
  readonly #platform: Platform;
  readonly #security: ClientSecurity;
  readonly #connectTransport: ConnectTransport;

  constructor(platform: Platform, security: ClientSecurity, connectTransport: ConnectTransport) {
    this.#platform = platform;
    this.#security = security;
    this.#connectTransport = connectTransport;
  }

  /** Certificates are watched: those that have changed are there before a connection wants them. */
  hold(): { close(): void } {
    const security = this.#security;
    if (security.kind === "none") return { close() {} };
    // What cannot be had is told by the attempts to connect.
    return security.tls.provider.watch({ onMaterial() {}, onError() {} });
  }

  connect(address: Address, listener: ConnectionListener, pingFactor: number): Connecting {
    if (address.transport === "inproc") return connectInProcess(this.#platform, address.name, listener);
    return this.#platform.connect(address, this.#security, {
      onConnect: (stream) => {
        const { transport, sink } = this.#connectTransport(stream, listener, pingFactor);
        listener.onTransport(transport);
        return sink;
      },
      onError: (error) => listener.onConnectError(error.message),
    });
  }
}
