import type { TLSSocket } from "node:tls";
import type { PeerIdentity, TlsSession } from "../../base/tls.js";
import { isGoodSuite } from "./tls-suites.js";

/** The protocol that both ends have to choose (RFC 9113 §3.2). */
export const alpnProtocol = "h2";

/** What a handshake came to. @param identity Of the peer, verified. */
export function sessionOf(socket: TLSSocket, identity: PeerIdentity | undefined): TlsSession {
  return Object.freeze({
    protocol: socket.getProtocol() ?? "unknown",
    cipher: socket.getCipher().standardName,
    ...(identity === undefined ? undefined : { identity }),
  });
}

/** Why HTTP/2 cannot be spoken on what was agreed, in one clause. @param peer Who is at the other end. */
export function agreementProblem(socket: TLSSocket, peer: "server" | "client"): string | undefined {
  const chosen = socket.alpnProtocol;
  if (chosen !== alpnProtocol) {
    const what = peer === "server" ? "chose" : "offers";
    return `${peer} ${what} ${chosen === false || chosen === null ? "no protocol (ALPN)" : chosen}, h2 is required`;
  }
  const { protocol, cipher } = sessionOf(socket, undefined);
  if (isGoodSuite(protocol, cipher)) return undefined;
  return `${protocol} with ${cipher} was agreed, which HTTP/2 forbids (RFC 9113 §9.2.2)`;
}
