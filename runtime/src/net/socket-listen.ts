import { createServer, type Server } from "node:net";
import { setImmediate } from "node:timers";
import type { Address, ListenCallbacks, Listener } from "../base/platform.js";
import { textOfThrown } from "../base/text-of-thrown.js";
import type { ServerSecurity } from "../base/tls.js";
import { addressProblem, type SocketAddress } from "./address-check.js";
import { byteStreamFromDuplex } from "./duplex-stream.js";
import { peerOfSocket } from "./peer-address.js";
import { inRootScope } from "./root-scope.js";
import { securityProblem } from "./socket-connect.js";
import { SpareFileWatch } from "./spare-file.js";
import { acceptError, addressLabel, errorCode, listenError } from "./system-error.js";
import type { ServerHandshakes } from "./tls/server-handshakes.js";
import { serverTlsOf } from "./tls-doors.js";
import { removeStaleSocket } from "./unix-path.js";

/** Connections that the system completes and holds until they are accepted; it may cut the number (`somaxconn`). */
const backlog = 511;

/** Binds a TCP or unix address. Rejects with one sentence. */
export async function listenSocket(
  address: Address,
  security: ServerSecurity,
  callbacks: ListenCallbacks,
): Promise<Listener> {
  const problem = addressProblem("cannot listen on", address) ?? securityProblem("cannot listen on", address, security);
  if (problem !== undefined || address.transport === "inproc") throw new Error(problem);
  const open = await openerOf(address, security, callbacks);
  // Before the one attempt to bind: node:cluster tells the first attempt of a worker from a second one, and lets them share no listener.
  const inTheWay = hasFile(address) ? await staleSocketProblem(address.path) : undefined;
  try {
    return await inRootScope(bind, address, open);
  } catch (cause) {
    throw errorCode(cause) === "EADDRINUSE" && inTheWay !== undefined ? inTheWay : listenError(address, cause);
  }
}

/** What keeps a path from being free, as the sentence for who cannot bind it: in a worker of node:cluster it may be no problem. */
function staleSocketProblem(path: string): Promise<unknown> {
  return removeStaleSocket(path).catch((error: unknown) => error);
}

type CreateListener = (server: Server, bound: SocketAddress) => Listener;

/** Makes the listener of a server that is bound. With TLS nothing is bound before there is a certificate that is of use. */
async function openerOf(
  address: SocketAddress,
  security: ServerSecurity,
  callbacks: ListenCallbacks,
): Promise<CreateListener> {
  if (security.kind === "none") return (server, bound) => new SocketListener(server, bound, callbacks, undefined);
  const { tls } = security;
  try {
    const begin = await serverTlsOf(tls).prepare(tls);
    return (server, bound) => new SocketListener(server, bound, callbacks, begin(bound, callbacks));
  } catch (cause) {
    throw new Error(`cannot listen on ${addressLabel(address)}: ${textOfThrown(cause)}`, { cause });
  }
}

/** A name in Linux's abstract namespace has none, and so leaves none behind. */
function hasFile(address: SocketAddress): address is Extract<SocketAddress, { transport: "unix" }> {
  return address.transport === "unix" && !address.path.startsWith("\0");
}

/** Rejects with the system's error. */
function bind(address: SocketAddress, open: CreateListener): Promise<Listener> {
  return new Promise((resolve, reject) => {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    server.once("error", reject);
    server.once("listening", () => {
      server.off("error", reject);
      resolve(open(server, boundAddress(server, address)));
    });
    if (address.transport === "unix") server.listen({ path: address.path, backlog });
    else server.listen({ host: address.host, port: address.port, backlog });
  });
}

/** What the system chose for a host name and for port 0. */
function boundAddress(server: Server, asked: SocketAddress): SocketAddress {
  const bound = server.address();
  if (bound === null || typeof bound === "string") return asked;
  return { transport: "tcp", host: bound.address, port: bound.port };
}

class SocketListener implements Listener {
  readonly address: SocketAddress;
  readonly #server: Server;
  readonly #files: SpareFileWatch;
  readonly #tls: ServerHandshakes | undefined;
  #closed: Promise<void> | undefined;

  /** That no file is left for accept is told and survived (CVE-2023-4785), as an error of a bound server would be. */
  constructor(server: Server, address: SocketAddress, callbacks: ListenCallbacks, tls: ServerHandshakes | undefined) {
    this.#server = server;
    this.#tls = tls;
    this.address = address;
    const onError = (error: unknown) => callbacks.onError(acceptError(address, error));
    this.#files = new SpareFileWatch(onError);
    server.on("error", onError);
    server.on("connection", (socket) => {
      this.#files.onAccept();
      if (tls !== undefined) tls.begin(socket);
      else byteStreamFromDuplex(socket, peerOfSocket(socket, address), (stream) => callbacks.onAccept(stream));
    });
  }

  get handshakes(): number {
    return this.#tls?.count ?? 0;
  }

  close(graceMs = 0): Promise<void> {
    const handshakes = this.#tls?.close(graceMs);
    this.#closed ??= this.#close(handshakes);
    return this.#closed;
  }

  /**
   * Node's own callback would wait for every accepted connection to end. The address is free as soon as the listening
   * handle is closed, in the turn that follows; a unix socket's file goes with it.
   */
  async #close(handshakes: Promise<void> | undefined): Promise<void> {
    this.#files.stop();
    this.#server.close();
    await new Promise<void>((resolve) => setImmediate(resolve));
    await handshakes;
  }
}
