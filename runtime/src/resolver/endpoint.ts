import type { Address } from "../base/platform.js";

/** One logical server, which may be reached at several addresses (gRFC A61). */
export interface Endpoint {
  readonly addresses: readonly [Address, ...Address[]];
  readonly attributes?: EndpointAttributes;
}

/** What a resolver knows about an endpoint beyond its addresses, for load balancing policies. */
export interface EndpointAttributes {
  /** Share of the calls, relative to the other endpoints; 1 where it is absent. */
  readonly weight?: number;
  readonly zone?: string;
  /** Stays the same when the addresses change. */
  readonly id?: string;
}

/** An address as it stands in a sentence: `127.0.0.1:443`, `[::1]:443`, `unix:/run/x.sock`, `inproc:name`. */
export function addressName(address: Address): string {
  switch (address.transport) {
    case "tcp":
      return hostPortName(address.host, address.port);
    case "unix":
      return `unix:${address.path}`;
    case "inproc":
      return `inproc:${address.name}`;
  }
}

/** `host:port`, an IPv6 address in brackets. */
export function hostPortName(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
