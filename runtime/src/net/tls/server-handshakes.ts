import type { Socket } from "node:net";
import { clearTimeout, setTimeout } from "node:timers";
import type { Server, TLSSocket } from "node:tls";
import { hostOf } from "../../base/peer-host.js";
import type { ByteStream, ByteStreamSink, ListenCallbacks, Peer } from "../../base/platform.js";
import { textOfThrown } from "../../base/text-of-thrown.js";
import type { PeerIdentity, TlsMaterial, TlsServerConfig } from "../../base/tls.js";
import type { SocketAddress } from "../address-check.js";
import { byteStreamFromTls } from "../duplex-stream.js";
import { nodeTls } from "../node-modules.js";
import { peerOfSocket } from "../peer-address.js";
import { addressLabel, errorCode } from "../system-error.js";
import { certificateProblem } from "./certificate-problem.js";
import { HandshakePlaces } from "./handshake-places.js";
import { identityOf } from "./peer-identity.js";
import { contextOptions } from "./secure-context.js";
import { spiffeProblem } from "./spiffe-proof.js";
import { isAlert, tlsProblem } from "./tls-error.js";
import { agreementProblem, alpnProtocol, sessionOf } from "./tls-session.js";

/** Protocols that a sentence repeats, and characters of each: the client chooses them. */
const toldProtocols = 4;
const toldCharacters = 20;

/** Without a problem, the client comes in. */
type Verdict = readonly [problem: string | undefined, identity?: PeerIdentity];

/**
 * The handshakes of one listener's connections. A connection that comes to nothing is told and forgotten: nothing that a
 * client does ends the listener (CVE-2024-47609), nor the process (CVE-2026-21637).
 */
export class ServerHandshakes {
  readonly #config: TlsServerConfig;
  readonly #address: SocketAddress;
  readonly #callbacks: ListenCallbacks;
  readonly #server: Server;
  /** Connections in their handshake by where they come from. */
  readonly #pending = new Map<string, Socket>();
  /** The same for clients without an address of their own (unix). */
  #namelessPending = 0;
  /** Both, and those that wait, by host. */
  readonly #places = new HandshakePlaces();
  /** Those that wait for their handshake to begin. */
  readonly #waiting = new Map<Socket, NodeJS.Timeout>();
  readonly #watch: { close(): void };
  /** What new connections begin with. */
  #material: TlsMaterial;
  #isClosed = false;
  /** Called when there is none left, once it is closed. */
  #onEnded: (() => void) | undefined;
  #ended: Promise<void> | undefined;
  #graceTimer: NodeJS.Timeout | undefined;
  #isAbandoned = false;
  /** What the client whose handshake fails at this moment has offered. */
  #offered: readonly string[] | undefined;

  /** @param material What checkServerMaterial found to be good. */
  constructor(config: TlsServerConfig, material: TlsMaterial, address: SocketAddress, callbacks: ListenCallbacks) {
    this.#config = config;
    this.#material = material;
    this.#address = address;
    this.#callbacks = callbacks;
    this.#server = nodeTls().createServer({
      ...serverOptions(material, config),
      requestCert: config.clientCertificate !== "none",
      // Decided in #judge, by `authorized`: Node would close the connection without a word to either side.
      rejectUnauthorized: false,
      handshakeTimeout: config.handshakeTimeoutMs,
      ALPNCallback: ({ protocols }) => this.#choose(protocols),
    });
    this.#server.on("secureConnection", (socket) => this.#onSecure(socket));
    this.#server.on("tlsClientError", (error, socket) => this.#onFailed(error, socket));
    this.#watch = config.provider.watch({
      onMaterial: (next) => this.#renew(next),
      onError: (message) => this.#tell(`certificates of ${addressLabel(address)}: ${message}`),
    });
  }

  get count(): number {
    return this.#pending.size + this.#namelessPending + this.#waiting.size;
  }

  /** A client has connected. */
  begin(socket: Socket): void {
    socket.on("error", () => socket.destroy());
    const peer = peerOfSocket(socket, this.#address);
    const host = hostOf(peer);
    if (this.count >= this.#config.maxHandshakes && !this.#makeRoom(host)) {
      socket.destroy();
      this.#fail(this.#tooMany(), peer, false);
      return;
    }
    const { gate } = this.#callbacks;
    const waitMs = gate === undefined ? 0 : gate.admit(peer);
    if (waitMs === undefined) {
      socket.destroy();
      return;
    }
    this.#places.take(host, socket);
    if (waitMs > 0) this.#wait(socket, waitMs);
    else this.#shake(socket);
  }

  /** Whether there is a place again for one of this host. */
  #makeRoom(host: string): boolean {
    const oldest = this.#places.oldestOfFullest(host);
    if (oldest === undefined) return false;
    const peer = peerOfSocket(oldest, this.#address);
    const key = keyOf(oldest);
    if (key !== undefined && this.#pending.get(key) === oldest) this.#pending.delete(key);
    this.#places.free(hostOf(peer), oldest);
    oldest.destroy();
    this.#fail(`${this.#tooMany()}, and its address has most of them`, peer, false);
    return true;
  }

  #tooMany(): string {
    const { maxHandshakes } = this.#config;
    return `${maxHandshakes} connections are in their TLS handshake, limit ${maxHandshakes} (maxHandshakes)`;
  }

  /**
   * Those that have begun may come to their end for `graceMs`: who is cut off amid a handshake takes the server for one that is out of
   * order. Resolves when none is left. A second call may shorten the time.
   */
  close(graceMs: number): Promise<void> {
    this.#isClosed = true;
    this.#watch.close();
    for (const [socket, timer] of this.#waiting) {
      clearTimeout(timer);
      socket.destroy();
    }
    this.#waiting.clear();
    this.#ended ??= new Promise((resolve) => {
      this.#onEnded = resolve;
    });
    if (graceMs <= 0 || this.count === 0) this.#abandon();
    else this.#graceTimer ??= setTimeout(() => this.#abandon(), graceMs);
    return this.#ended;
  }

  #abandon(): void {
    this.#isAbandoned = true;
    for (const socket of this.#pending.values()) socket.destroy();
    this.#end();
  }

  #end(): void {
    clearTimeout(this.#graceTimer);
    this.#onEnded?.();
  }

  #wait(socket: Socket, waitMs: number): void {
    const timer = setTimeout(() => {
      this.#waiting.delete(socket);
      this.#shake(socket);
    }, waitMs);
    this.#waiting.set(socket, timer);
    socket.once("close", () => {
      clearTimeout(timer);
      this.#waiting.delete(socket);
    });
  }

  /** Node's TLS server tells of each connection that it is handed exactly once, whatever becomes of it. */
  #shake(socket: Socket): void {
    if (socket.destroyed) return;
    const key = keyOf(socket);
    if (key === undefined) {
      this.#namelessPending++;
    } else {
      this.#pending.set(key, socket);
      // One that was reset knows no more where it came from.
      socket.once("close", () => {
        if (this.#pending.get(key) === socket) this.#pending.delete(key);
        this.#checkEnd();
      });
    }
    // Who ends amid a handshake has left; with half-open sockets Node would wait for more of it.
    socket.allowHalfOpen = false;
    this.#server.emit("connection", socket);
  }

  #leave(socket: TLSSocket): void {
    const key = keyOf(socket);
    if (key !== undefined) {
      const plain = this.#pending.get(key);
      if (plain !== undefined) this.#places.free(hostOf(peerOfSocket(socket, this.#address)), plain);
      this.#pending.delete(key);
    } else if (this.#namelessPending > 0) this.#namelessPending--;
    this.#checkEnd();
  }

  #checkEnd(): void {
    if (this.#isClosed && this.count === 0) this.#end();
  }

  #onSecure(socket: TLSSocket): void {
    this.#leave(socket);
    socket.allowHalfOpen = true;
    socket.on("error", () => socket.destroy());
    if (this.#isAbandoned) {
      socket.destroy();
      return;
    }
    const [problem, identity] = this.#judge(socket);
    const { address } = peerOfSocket(socket, this.#address);
    const peer: Peer = { address, security: "tls", tls: sessionOf(socket, identity) };
    const traits = { explain: (error: Error) => tlsProblem(error, "server") };
    const { onAccept, gate } = this.#callbacks;
    const open = (take: (stream: ByteStream) => ByteStreamSink) => byteStreamFromTls(socket, peer, traits, take);
    if (problem === undefined) open((stream) => onAccept.call(this.#callbacks, stream));
    else if (gate === undefined) socket.destroy();
    else open((stream) => gate.onUnwanted(stream, problem));
  }

  /** Why a client may not come in, and who it is. A certificate that was not verified is nobody's. */
  #judge(socket: TLSSocket): Verdict {
    try {
      return this.#judgeCertificate(socket);
    } catch (cause) {
      // What Node throws here would end the process (CVE-2026-21637).
      return [`client's certificate cannot be read: ${textOfThrown(cause)}`];
    }
  }

  #judgeCertificate(socket: TLSSocket): Verdict {
    const disagreement = agreementProblem(socket, "client");
    const { clientCertificate } = this.#config;
    if (disagreement !== undefined || clientCertificate === "none") return [disagreement];
    const shown = socket.getPeerX509Certificate();
    if (shown === undefined) {
      return [clientCertificate === "require" ? "client showed no certificate, and one is required" : undefined];
    }
    if (!socket.authorized) {
      const problem = certificateProblem(String(socket.authorizationError), shown, "client");
      return [`client's ${problem}`];
    }
    const identity = identityOf(shown);
    if (identity === undefined) return ["client's certificate holds names that cannot be read"];
    const { spiffeBundles } = this.#material;
    const unproved = spiffeBundles && spiffeProblem(shown, identity.uris, spiffeBundles);
    return unproved === undefined ? [undefined, identity] : [`client's ${unproved}`];
  }

  #onFailed(error: Error, socket: TLSSocket): void {
    this.#leave(socket);
    const offered = this.#offered;
    this.#offered = undefined;
    const code = errorCode(error);
    const peer = peerOfSocket(socket, this.#address);
    // Node leaves that to us: one that dawdles would stay for ever.
    socket.destroy();
    // Left without a word: whoever looks whether the port is open does that.
    if (this.#isClosed || code === "ECONNRESET" || code === "EPIPE") return;
    if (code === "ERR_TLS_HANDSHAKE_TIMEOUT") {
      this.#fail(`took longer than ${this.#config.handshakeTimeoutMs} ms (handshakeTimeoutMs)`, peer, true);
    } else if (offered !== undefined) {
      this.#fail(`client offers ${offeredText(offered)}, h2 is required`, peer, true);
    } else {
      this.#fail(tlsProblem(error, "server") ?? textOfThrown(error), peer, !isAlert(error));
    }
  }

  #fail(clause: string, peer: Peer, isFault: boolean): void {
    const error = new Error(`TLS handshake with ${peer.address} failed: ${clause}`);
    this.#callbacks.gate?.onFailed(error, peer, isFault);
  }

  /** Undefined ends the handshake with alert no_application_protocol (RFC 7301 §3.2). */
  #choose(protocols: readonly string[]): string | undefined {
    if (protocols.includes(alpnProtocol)) return alpnProtocol;
    this.#offered = protocols;
    return undefined;
  }

  /** New connections get the new material. What cannot be used leaves the old one in force. */
  #renew(material: TlsMaterial): void {
    if (material === this.#material) return;
    try {
      this.#server.setSecureContext(serverOptions(material, this.#config));
      this.#material = material;
    } catch (error) {
      this.#tell(
        `certificates of ${addressLabel(this.#address)}: ${textOfThrown(error)}; the last good ones stay in force`,
      );
    }
  }

  #tell(message: string): void {
    if (!this.#isClosed) this.#callbacks.onError(new Error(message));
  }
}

/** Throws one sentence when a server cannot do with the material. */
export function checkServerMaterial(material: TlsMaterial, config: TlsServerConfig): void {
  nodeTls().createSecureContext(serverOptions(material, config));
}

function serverOptions(material: TlsMaterial, config: TlsServerConfig): ReturnType<typeof contextOptions> {
  const options = contextOptions(material, config);
  if (options.key === undefined) throw new Error("there is no certificate for the server");
  if (config.clientCertificate !== "none" && (options.ca === undefined || options.ca.length === 0)) {
    throw new Error("clients are asked for certificates, and there are no roots that these may lead to");
  }
  return options;
}

/** Undefined for a client on a unix socket. */
function keyOf({ remoteAddress, remotePort }: Socket): string | undefined {
  return remotePort === undefined ? undefined : `${remoteAddress} ${remotePort}`;
}

function offeredText(protocols: readonly string[]): string {
  if (protocols.length === 0) return "no protocol (ALPN)";
  const told = protocols
    .slice(0, toldProtocols)
    .map((name) => name.slice(0, toldCharacters).replace(/[^\x21-\x7e]/g, "."));
  return told.join(", ");
}
