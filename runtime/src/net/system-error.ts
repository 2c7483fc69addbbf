import type { Address } from "../base/platform.js";
import { textOfThrown } from "../base/text-of-thrown.js";

/** What the operating system's error codes mean, for a reader who has never seen them. */
const meanings: ReadonlyMap<string, string> = new Map([
  ["EACCES", "not permitted"],
  ["EADDRINUSE", "the port is in use"],
  ["EADDRNOTAVAIL", "the address does not belong to this host"],
  ["EAI_AGAIN", "the name server did not answer"],
  ["EAI_NODATA", "no such host"],
  ["EAI_NONAME", "no such host"],
  ["EBADRESP", "the name server's answer is malformed"],
  ["ECANCELLED", "given up"],
  ["ECONNABORTED", "the connection was aborted"],
  ["ECONNREFUSED", "refused"],
  ["ECONNRESET", "reset by the peer"],
  ["EFORMERR", "the name server did not understand the question"],
  ["EHOSTDOWN", "the host is down"],
  ["EHOSTUNREACH", "no route to the host"],
  ["EISDIR", "it is a folder"],
  ["EMFILE", "this process has too many open files"],
  ["ENETDOWN", "the network is down"],
  ["ENETUNREACH", "the network cannot be reached"],
  ["ENFILE", "this system has too many open files"],
  ["ENOBUFS", "the system has no buffer space left"],
  ["ENODATA", "no such host"],
  ["ENOENT", "no such file"],
  ["ENOTDIR", "it is not a folder"],
  ["ENOTFOUND", "no such host"],
  ["ENOTSOCK", "not a socket"],
  ["EPERM", "not permitted"],
  ["EPIPE", "closed by the peer"],
  ["EPROTOTYPE", "not a stream socket"],
  ["EREFUSED", "the name server refused to answer"],
  ["ESERVFAIL", "the name server failed"],
  ["ETIMEDOUT", "timed out"],
  ["ETIMEOUT", "the name server did not answer"],
]);

/** The code of a system error (`ECONNREFUSED`), empty when there is none. */
export function errorCode(error: unknown): string {
  if (typeof error !== "object" || error === null || !("code" in error)) return "";
  return typeof error.code === "string" ? error.code : "";
}

/** "no route to the host (EHOSTUNREACH)"; an error that is not in the table says what it says itself. */
function meaningOf(error: unknown): string {
  const code = errorCode(error);
  const meaning = meanings.get(code);
  if (meaning !== undefined) return `${meaning} (${code})`;
  // What Node throws when every address of a host name failed; it has no message of its own.
  if (error instanceof AggregateError && error.errors.length > 0) return meaningOf(error.errors[0]);
  return textOfThrown(error);
}

/** `127.0.0.1:50051`, `[::1]:50051`. */
export function hostPortLabel(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** `127.0.0.1:50051`, `[::1]:50051`, `unix:/run/x.sock`, `unix-abstract:x`, `inproc:x`. */
export function addressLabel(address: Address): string {
  switch (address.transport) {
    case "tcp": {
      const { host, port, proxy } = address;
      const label = hostPortLabel(host, port);
      return proxy === undefined ? label : `${label} via proxy ${hostPortLabel(proxy.host, proxy.port)}`;
    }
    case "unix":
      return unixUri(address.path);
    case "inproc":
      return `inproc:${address.name}`;
  }
}

/** As in gRPC's naming document; a leading NUL marks Linux's abstract namespace. */
export function unixUri(path: string): string {
  return path.startsWith("\0") ? `unix-abstract:${path.slice(1)}` : `unix:${path}`;
}

/** Why a connection could not be opened. */
export function connectError(address: Address, cause: unknown): Error {
  const label = addressLabel(address);
  const code = errorCode(cause);
  if (code === "ECONNREFUSED") return new Error(`connect to ${label} was refused (${code})`, { cause });
  if (code === "ETIMEDOUT") return new Error(`connect to ${label} timed out (${code})`, { cause });
  if (code === "ENOENT" && address.transport === "unix")
    return new Error(`${label} does not exist (${code})`, { cause });
  return new Error(`connect to ${label}: ${meaningOf(cause)}`, { cause });
}

/** Why a proxy opened no tunnel; `clause` says what it did. */
export function proxyError(address: Address, clause: string): Error {
  return new Error(`connect to ${addressLabel(address)}: the proxy ${clause}`);
}

/** Why an address could not be bound. */
export function listenError(address: Address, cause: unknown): Error {
  const label = addressLabel(address);
  // libuv reports a missing folder as EACCES too.
  if (address.transport === "unix" && errorCode(cause) === "EACCES") {
    return new Error(`cannot listen on ${label}: its folder does not exist or may not be written (EACCES)`, { cause });
  }
  return new Error(`cannot listen on ${label}: ${meaningOf(cause)}`, { cause });
}

/** Why a listener that was bound could not accept. */
export function acceptError(address: Address, cause: unknown): Error {
  return new Error(`cannot accept on ${addressLabel(address)}: ${meaningOf(cause)}`, { cause });
}

/** Why a host name has no address. */
export function lookupError(host: string, cause: unknown): Error {
  return new Error(`cannot resolve ${host}: ${meaningOf(cause)}`, { cause });
}

/** Why a DNS server could not be asked, or gave no answer. @param server "" for those of the system. */
export function dnsError(name: string, server: string, cause: unknown): Error {
  return new Error(`cannot resolve ${name}${server === "" ? "" : ` at ${server}`}: ${meaningOf(cause)}`, { cause });
}

/** Why something could not be done with a file: "cannot read /etc/shop.json: not permitted (EACCES)". */
export function fileError(action: string, path: string, cause: unknown): Error {
  return new Error(`cannot ${action} ${path}: ${meaningOf(cause)}`, { cause });
}

/** Why TLS did not come about; `clause` says what the other end, or its certificate, did. */
export function tlsConnectError(address: Address, clause: string): Error {
  return new Error(`connect to ${addressLabel(address)}: ${clause}`);
}

/** Why an open connection ended. @param meaning Of the cause, where it is no error of the system. */
export function streamError(peerAddress: string, cause: unknown, meaning?: string): Error {
  if (meaning !== undefined) return new Error(`connection to ${peerAddress} failed: ${meaning}`, { cause });
  const code = errorCode(cause);
  if (code === "ECONNRESET" || code === "EPIPE") {
    return new Error(`connection to ${peerAddress} was ${meanings.get(code)} (${code})`, { cause });
  }
  if (code === "ETIMEDOUT") return new Error(`connection to ${peerAddress} timed out (${code})`, { cause });
  return new Error(`connection to ${peerAddress} failed: ${meaningOf(cause)}`, { cause });
}

/** Why an HTTP server could not be asked: fetch's own error says nothing, the one that led to it does. */
export function httpError(method: string, url: string, cause: unknown): Error {
  const inner = cause instanceof TypeError && cause.cause !== undefined ? cause.cause : cause;
  return new Error(`${method} ${url}: ${meaningOf(inner)}`);
}
