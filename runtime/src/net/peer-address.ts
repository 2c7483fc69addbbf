import { isIP, type Socket } from "node:net";
import type { Peer } from "../base/platform.js";
import type { SocketAddress } from "./address-check.js";
import { unixUri } from "./system-error.js";

/** How an IPv6 socket shows an IPv4 peer (RFC 4291 §2.5.5.2). */
const mappedPrefix = "::ffff:";

/**
 * `ipv4:1.2.3.4:50`, `ipv6:[::1]:50`; a mapped IPv4 address is shown as what it is, a zone's `%` is escaped (RFC 6874).
 * The colon decides: the pattern of Node's `isIPv6` takes 2 ms to compile, in the way of a process's first call.
 *
 * @param host An IP address.
 */
export function ipUri(host: string, port: number): string {
  const mapped = host.startsWith(mappedPrefix) && host.includes(".");
  if (mapped || !host.includes(":")) return `ipv4:${mapped ? host.slice(mappedPrefix.length) : host}:${port}`;
  return `ipv6:[${host.replace("%", "%25")}]:${port}`;
}

/** Behind a proxy the peer is the server, whose address may be known to the proxy alone. */
function endOfTunnel(host: string, port: number): string {
  return isIP(host) === 0 ? `dns:${host}:${port}` : ipUri(host, port);
}

/** The other end of a socket that reached, or was reached at, `address`. Asked at birth: a closed socket has forgotten it. */
export function peerOfSocket(socket: Socket, address: SocketAddress): Peer {
  if (address.transport === "unix") return { address: unixUri(address.path), security: "local" };
  if (address.proxy !== undefined) return { address: endOfTunnel(address.host, address.port), security: "none" };
  const { remoteAddress, remotePort } = socket;
  if (remoteAddress === undefined || remotePort === undefined) return { address: "unknown", security: "none" };
  return { address: ipUri(remoteAddress, remotePort), security: "none" };
}

/** Our end of a TCP socket; undefined for others, and once it is closed. */
export function localAddressOf({ localAddress, localPort }: Socket): string | undefined {
  return localAddress === undefined || localPort === undefined ? undefined : ipUri(localAddress, localPort);
}
