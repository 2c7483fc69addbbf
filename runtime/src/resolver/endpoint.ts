import type { Address } from "../base/platform.js";

/** One logical server, which may be reached at several addresses (gRFC A61). */
export interface Endpoint {
  readonly addresses: readonly [Address, ...Address[]];
  readonly attributes?: EndpointAttributes;
}

/** What a resolver knows about an endpoint beyond its addresses. */
export interface EndpointAttributes {
  /** Share of the calls, relative to the other endpoints; 1 where it is absent. */
  readonly weight?: number;
  /** Where it runs, in the operator's own words. */
  readonly zone?: string;
  /** Stays the same when the addresses change. */
  readonly id?: string;
  /**
   * The name that the server's certificate must have, in place of the target's own. Whoever sets it decides whom the
   * channel trusts: it must come only from a resolver whose source is as trusted as the application's configuration, never
   * from plain DNS or from what servers say of themselves.
   */
  readonly serverIdentity?: string;
  /** Anything else, as JSON: for policies and diagnostics of one's own. */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** What `ring_hash` hashes the endpoint by (gRFC A76): for one that keeps its data when its address changes. Default: its first address. */
  readonly hashKey?: string;
}

/** Its addresses with the name that each server behind them must prove, where the resolver gave one. */
export function namedEndpoint(endpoint: Endpoint): Endpoint {
  const serverName = endpoint.attributes?.serverIdentity;
  if (serverName === undefined) return endpoint;
  const [first, ...others] = endpoint.addresses;
  const named = (address: Address): Address =>
    address.transport === "inproc" || address.serverName !== undefined ? address : { ...address, serverName };
  return { ...endpoint, addresses: [named(first), ...others.map(named)] };
}

/** An address as it stands in a sentence: `127.0.0.1:443`, `[::1]:443`, `unix:/run/x.sock`, `inproc:name`. */
export function addressName(address: Address): string {
  switch (address.transport) {
    case "tcp": {
      const { host, port, proxy } = address;
      const name = hostPortName(host, port);
      return proxy === undefined ? name : `${name} via proxy ${hostPortName(proxy.host, proxy.port)}`;
    }
    case "unix":
      return address.path.startsWith("\0") ? `unix-abstract:${address.path.slice(1)}` : `unix:${address.path}`;
    case "inproc":
      return `inproc:${address.name}`;
  }
}

/** A text that is equal for two addresses that lead to the same server, as far as anybody can know before asking it. */
export function addressKey(address: Address): string {
  const name = addressName(address);
  const serverName = address.transport === "inproc" ? undefined : address.serverName;
  // A unix path may say anything, so that a word between the two would not tell them apart.
  return serverName === undefined ? name : JSON.stringify([name, serverName]);
}

/** `host:port`, an IPv6 address in brackets. */
export function hostPortName(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
