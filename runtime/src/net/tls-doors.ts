/**
 * Who makes connections secure. They come with credentials (tls/tls-credentials.ts), not with the sockets: a program that makes
 * none has nothing of TLS in it, and what a bundler leaves out is a twelfth of a client.
 */
import type { Socket } from "node:net";
import { assert } from "../base/assert.js";
import type { ListenCallbacks } from "../base/platform.js";
import type { TlsClientConfig, TlsServerConfig, TlsSession } from "../base/tls.js";
import type { SocketAddress } from "./address-check.js";
import type { StreamTraits } from "./duplex-stream.js";
import type { HandshakeCallbacks, TlsClientSecurity } from "./tls/client-handshake.js";
import type { ServerHandshakes } from "./tls/server-handshakes.js";

export interface ClientTls {
  /** Begins the handshake over a socket that leads to the server. @param serverName Whom the address is said to lead to. */
  shake(
    socket: Socket,
    security: TlsClientSecurity,
    serverName: string | undefined,
    callbacks: HandshakeCallbacks,
  ): { cancel(): void };
  /** Of the byte stream over what the handshake came to. */
  traitsOf(socket: Socket, session: TlsSession): StreamTraits;
}

/** Begins to take the clients of a listener that is bound. */
export type BeginHandshakes = (bound: SocketAddress, callbacks: ListenCallbacks) => ServerHandshakes;

export interface ServerTls {
  /** Waits for a certificate. Rejects with one sentence when it is of no use. */
  prepare(config: TlsServerConfig): Promise<BeginHandshakes>;
}

const clients = new WeakMap<TlsClientConfig, ClientTls>();
const servers = new WeakMap<TlsServerConfig, ServerTls>();

export function bringClientTls(config: TlsClientConfig, door: ClientTls): void {
  clients.set(config, door);
}

export function bringServerTls(config: TlsServerConfig, door: ServerTls): void {
  servers.set(config, door);
}

/** Why a connection cannot be made secure, in one clause: its credentials came from elsewhere, and brought nothing. */
export function doorProblem(config: TlsClientConfig | TlsServerConfig): string | undefined {
  if (clients.has(config) || servers.has(config as TlsServerConfig)) return undefined;
  return "its credentials were not made by tls() or tlsServer()";
}

export function clientTlsOf(config: TlsClientConfig): ClientTls {
  const door = clients.get(config);
  assert(door !== undefined, "a connection over TLS is opened with credentials that bring it");
  return door;
}

export function serverTlsOf(config: TlsServerConfig): ServerTls {
  const door = servers.get(config);
  assert(door !== undefined, "a listener over TLS is opened with credentials that bring it");
  return door;
}
