import { connect, type Socket } from "node:net";
import type { Address, ConnectCallbacks, Connecting } from "../base/platform.js";
import type { ClientSecurity, ServerSecurity, TlsSession } from "../base/tls.js";
import { addressProblem, type SocketAddress } from "./address-check.js";
import { byteStreamFromDuplex, byteStreamFromTls } from "./duplex-stream.js";
import { peerOfSocket } from "./peer-address.js";
import { proxyAuthorization } from "./proxy-authorization.js";
import { openTunnel } from "./proxy-tunnel.js";
import { inRootScope } from "./root-scope.js";
import { addressLabel, connectError, proxyError, tlsConnectError } from "./system-error.js";
import type { TlsClientSecurity } from "./tls/client-handshake.js";
import { type ClientTls, clientTlsOf, doorProblem } from "./tls-doors.js";

/** Opens a TCP or unix socket. Both callbacks come later than the return of this function. */
export function connectSocket(address: Address, security: ClientSecurity, callbacks: ConnectCallbacks): Connecting {
  const problem =
    addressProblem("cannot connect to", address) ?? securityProblem("cannot connect to", address, security);
  if (problem !== undefined || address.transport === "inproc") return new Refusal(new Error(problem), callbacks);
  const authorization = proxyAuthorization(address);
  if ("value" in authorization) {
    const socket = inRootScope(openSocket, address);
    return new SocketConnecting(socket, address, security, authorization.value, callbacks);
  }
  return new Refusal(new Error(`cannot connect to ${addressLabel(address)}: ${authorization.error}`), callbacks);
}

/** A kind of protection that is not known is not taken for none. */
export function securityProblem(
  action: string,
  address: Address,
  security: ClientSecurity | ServerSecurity,
): string | undefined {
  const problem = protectionProblem(security);
  return problem && `${action} ${addressLabel(address)}: ${problem}`;
}

function protectionProblem(security: ClientSecurity | ServerSecurity): string | undefined {
  if (security.kind === "tls") return doorProblem(security.tls);
  const kind: string = security.kind;
  return kind === "none" ? undefined : `security is "${kind}", expected "none" or "tls"`;
}

/**
 * Small frames leave at once (`noDelay`): the writer already gathers a turn's frames in one write. The peer's end does
 * not end our direction (`allowHalfOpen`): what was asked is still answered.
 */
function openSocket(address: SocketAddress): Socket {
  if (address.transport === "unix") return connect({ path: address.path, allowHalfOpen: true });
  const { host, port } = address.proxy ?? address;
  return connect({ host, port, noDelay: true, allowHalfOpen: true });
}

/** An attempt that cannot succeed, told a tick later like any other. */
class Refusal implements Connecting {
  #callbacks: ConnectCallbacks | undefined;

  constructor(error: Error, callbacks: ConnectCallbacks) {
    this.#callbacks = callbacks;
    process.nextTick(() => this.#callbacks?.onError(error));
  }

  cancel(): void {
    this.#callbacks = undefined;
  }
}

class SocketConnecting implements Connecting {
  readonly #socket: Socket;
  readonly #address: SocketAddress;
  readonly #security: ClientSecurity;
  /** For the proxy, if there is one. */
  readonly #authorization: string | undefined;
  /** Undefined once the attempt has ended, in whichever way. */
  #callbacks: ConnectCallbacks | undefined;
  #handshake: { cancel(): void } | undefined;
  readonly #onConnect = (): void => this.#succeed();
  readonly #onError = (error: Error): void => this.#fail(error);

  constructor(
    socket: Socket,
    address: SocketAddress,
    security: ClientSecurity,
    authorization: string | undefined,
    callbacks: ConnectCallbacks,
  ) {
    this.#socket = socket;
    this.#address = address;
    this.#security = security;
    this.#authorization = authorization;
    this.#callbacks = callbacks;
    socket.once("connect", this.#onConnect);
    socket.on("error", this.#onError);
  }

  cancel(): void {
    if (this.#callbacks === undefined) return;
    this.#callbacks = undefined;
    this.#handshake?.cancel();
    this.#socket.destroy();
  }

  #succeed(): void {
    if (this.#callbacks === undefined) return;
    if (this.#reachedItself()) {
      this.#fail(Object.assign(new Error("the socket was connected to itself"), { code: "ECONNREFUSED" }));
      return;
    }
    const address = this.#address;
    if (address.transport === "unix" || address.proxy === undefined) {
      this.#open();
      return;
    }
    const { host, port } = address;
    const authorization = this.#authorization;
    const onFailure = (clause: string): void => this.#end(proxyError(address, clause));
    openTunnel(this.#socket, { host, port, authorization }, () => this.#open(), onFailure);
  }

  #open(): void {
    if (this.#callbacks === undefined) return;
    const security = this.#security;
    if (security.kind === "tls") {
      // In the scope of the program: what TLS makes lives as long as the connection.
      inRootScope(() => this.#secure(security));
      return;
    }
    const callbacks = this.#callbacks;
    this.#callbacks = undefined;
    const peer = peerOfSocket(this.#socket, this.#address);
    byteStreamFromDuplex(this.#socket, peer, (stream) => callbacks.onConnect(stream));
    this.#socket.off("error", this.#onError);
  }

  #secure(security: TlsClientSecurity): void {
    const door = clientTlsOf(security.tls);
    this.#handshake = door.shake(this.#socket, security, this.#address.serverName, {
      onSecure: (socket, session) => this.#openSecure(socket, session, door),
      onFailure: (clause) => this.#end(tlsConnectError(this.#address, clause)),
    });
  }

  #openSecure(socket: Socket, tls: TlsSession, door: ClientTls): void {
    const callbacks = this.#callbacks;
    if (callbacks === undefined) return;
    this.#callbacks = undefined;
    const { address } = peerOfSocket(this.#socket, this.#address);
    const traits = door.traitsOf(socket, tls);
    byteStreamFromTls(socket, { address, security: "tls", tls }, traits, (stream) => callbacks.onConnect(stream));
  }

  #fail(error: Error): void {
    this.#end(connectError(this.#address, error));
  }

  /** The listener for errors stays: one that follows the first must not end the process. */
  #end(error: Error): void {
    const callbacks = this.#callbacks;
    if (callbacks === undefined) return;
    this.#callbacks = undefined;
    this.#socket.destroy();
    callbacks.onError(error);
  }

  /**
   * TCP lets a socket that tries a free local port over and over connect to itself, when the system happens to give it
   * that very port as its own (simultaneous open, RFC 9293 §3.5). Nobody listens there.
   */
  #reachedItself(): boolean {
    const socket = this.#socket;
    return (
      this.#address.transport === "tcp" &&
      socket.localPort === socket.remotePort &&
      socket.localAddress === socket.remoteAddress
    );
  }
}
