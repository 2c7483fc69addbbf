import type { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import type { PeerCertificate, TLSSocket } from "node:tls";
import { textOfThrown } from "../../base/text-of-thrown.js";
import type { ClientSecurity, PeerIdentity, TlsMaterial, TlsSession } from "../../base/tls.js";
import { hostOfAuthority } from "../../rpc/authority.js";
import { nodeTls } from "../node-modules.js";
import { errorCode } from "../system-error.js";
import { awaitMaterial } from "./await-material.js";
import { certificateProblem } from "./certificate-problem.js";
import { identityOf } from "./peer-identity.js";
import { readCertificate } from "./read-certificate.js";
import { clientContext } from "./secure-context.js";
import { isNamed, mismatch, parseServerName, type ServerName } from "./server-name.js";
import { spiffeProblem } from "./spiffe-proof.js";
import { tlsProblem } from "./tls-error.js";
import { agreementProblem, alpnProtocol, sessionOf } from "./tls-session.js";

export type TlsClientSecurity = Extract<ClientSecurity, { kind: "tls" }>;

export interface HandshakeCallbacks {
  onSecure(socket: TLSSocket, session: TlsSession): void;
  /** One clause. The socket is of no use any more; whoever owns it destroys it. */
  onFailure(clause: string): void;
}

/** Errors of OpenSSL's verification have names without a prefix; those of the system have other ones. */
const verifyCode = /^(?:CERT|CRL|DEPTH|SELF|UNABLE|INVALID|PATH|SUBJECT|AKID|HOSTNAME|ERROR_IN|KEYUSAGE|OUT_OF)_?/;

/**
 * The handshake of a client over a socket that leads to the server. Nothing counts that was not verified in this very
 * handshake: no session is used again (CVE-2026-48934, CVE-2026-58040).
 */
export class ClientHandshake {
  readonly #socket: Socket;
  readonly #security: TlsClientSecurity;
  readonly #asked: string;
  readonly #callbacks: HandshakeCallbacks;
  readonly #giveUpMaterial: () => void;
  /** Set by the check of the certificate, and by nothing else. */
  #identity: PeerIdentity | undefined;
  /** The certificate that came, good or not: it is told what is wrong with it. */
  #shown: X509Certificate | undefined;
  #isOver = false;

  /** @param serverName Whom the address is said to lead to; undefined: whom the channel asks for. */
  constructor(
    socket: Socket,
    security: TlsClientSecurity,
    serverName: string | undefined,
    callbacks: HandshakeCallbacks,
  ) {
    this.#socket = socket;
    this.#security = security;
    const { serverNameOverride, serverIdentity } = security.tls;
    this.#asked = serverNameOverride ?? serverName ?? serverIdentity ?? security.serverName;
    this.#callbacks = callbacks;
    this.#giveUpMaterial = awaitMaterial(
      security.tls.provider,
      (material) => this.#start(material),
      (message) => this.#fail(`there is no certificate to go by: ${message}`),
    );
  }

  /** Nothing is told any more. */
  cancel(): void {
    this.#isOver = true;
    this.#giveUpMaterial();
  }

  #start(material: TlsMaterial): void {
    const name = parseServerName(this.#asked);
    if (name === undefined) {
      this.#fail(`${JSON.stringify(this.#asked)} is no name that a certificate can prove`);
      return;
    }
    try {
      this.#shake(material, name);
    } catch (error) {
      this.#fail(textOfThrown(error));
    }
  }

  #shake(material: TlsMaterial, name: ServerName): void {
    const servername = this.#sniOf(name);
    const socket = nodeTls().connect({
      socket: this.#socket,
      secureContext: clientContext(material, this.#security.tls),
      ALPNProtocols: [alpnProtocol],
      rejectUnauthorized: true,
      checkServerIdentity: (_host, certificate) => this.#check(certificate, name, material),
      ...(servername === undefined ? {} : { servername }),
    });
    // Before Node's own listener, which destroys a socket whose certificate is not good, and the certificate with it.
    // What Node reads of it afterwards is empty (Node 20): #check does without.
    socket.prependListener("secure", () => {
      this.#shown = socket.getPeerX509Certificate();
    });
    socket.on("secureConnect", () => this.#onSecure(socket));
    socket.on("error", (error) => this.#fail(this.#problemOf(error)));
    socket.on("close", () => this.#fail("the connection was closed during the TLS handshake"));
  }

  /** What is asked for by SNI: a host alone (RFC 6066 §3). Behind a SPIFFE ID it is whom the channel asks for. */
  #sniOf(name: ServerName): string | undefined {
    if (name.kind === "host") return name.host;
    const asked = name.kind === "spiffe" ? parseServerName(this.#security.serverName) : undefined;
    return asked?.kind === "host" ? asked.host : undefined;
  }

  /** Called by Node once the chain is good. What it throws would end the process (CVE-2026-21637). */
  #check(shown: PeerCertificate, name: ServerName, material: TlsMaterial): Error | undefined {
    try {
      return this.#checkName(this.#shown ?? readCertificate(shown.raw), name, material);
    } catch (cause) {
      return new Refusal(`certificate cannot be read: ${textOfThrown(cause)}`, { cause });
    }
  }

  /** Ours decides, and then Node's, which may know of something that ours does not. */
  #checkName(certificate: X509Certificate, name: ServerName, { spiffeBundles }: TlsMaterial): Error | undefined {
    const identity = identityOf(certificate);
    if (identity === undefined) return new Refusal("certificate holds names that cannot be read");
    const unproved = spiffeBundles && spiffeProblem(certificate, identity.uris, spiffeBundles);
    if (unproved !== undefined) return new Refusal(unproved);
    if (!isNamed(identity, name)) return new Refusal(mismatch(identity, name.text));
    const host = name.kind === "host" ? name.host : name.text;
    const objection =
      name.kind === "spiffe" ? undefined : nodeTls().checkServerIdentity(host, certificate.toLegacyObject());
    if (objection !== undefined) return new Refusal(`${mismatch(identity, name.text)} (${objection.message})`);
    this.#identity = identity;
    return undefined;
  }

  #onSecure(socket: TLSSocket): void {
    if (this.#isOver) return;
    const identity = this.#identity;
    if (!socket.authorized || identity === undefined) {
      this.#fail("certificate was not verified");
      return;
    }
    const problem = agreementProblem(socket, "server");
    if (problem !== undefined) {
      this.#fail(problem);
      return;
    }
    this.#isOver = true;
    this.#callbacks.onSecure(socket, sessionOf(socket, identity));
  }

  #problemOf(error: Error): string {
    if (error instanceof Refusal) return error.message;
    const code = errorCode(error);
    if (code === "ECONNRESET") return "the server closed the connection during the TLS handshake";
    if (verifyCode.test(code)) return certificateProblem(code, this.#shown, "server");
    return tlsProblem(error, "client") ?? `${textOfThrown(error)} during the TLS handshake`;
  }

  #fail(clause: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#callbacks.onFailure(clause);
  }
}

/** What our own check of a certificate says, through Node. */
class Refusal extends Error {}

/** Most names that one connection is asked for: applications choose them. */
const maxAuthorities = 100;

/** Whether a connection's certificate is good for other names than the one it was opened for (gRFC A81). */
export function authorityCheck(identity: PeerIdentity | undefined): (authority: string) => string | undefined {
  const known = new Map<string, string | undefined>();
  return (authority) => {
    if (known.has(authority)) return known.get(authority);
    const problem = problemOf(identity, authority);
    if (known.size < maxAuthorities) known.set(authority, problem);
    return problem;
  };
}

function problemOf(identity: PeerIdentity | undefined, authority: string): string | undefined {
  const name = parseServerName(hostOfAuthority(authority));
  if (identity === undefined || name === undefined || name.kind === "spiffe") {
    return `${authority} is no name that a certificate can prove`;
  }
  return isNamed(identity, name) ? undefined : mismatch(identity, name.text);
}
