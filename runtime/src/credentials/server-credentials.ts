import { checkNames } from "../base/option-group.js";
import type { ServerSecurity, TlsServerConfig } from "../base/tls.js";
import { minVersionOf, providerOf, type TlsOptions } from "./tls-options.js";

/** How a server protects the connections of one listener. */
export interface ServerCredentials {
  readonly security: ServerSecurity;
}

/** Those of TLS. */
export interface TlsServerCredentials extends ServerCredentials {
  readonly security: Extract<ServerSecurity, { kind: "tls" }>;
}

const plaintext: ServerCredentials = Object.freeze({ security: Object.freeze({ kind: "none" }) });

/** No protection: whoever is on the way can read and change everything. (grpc-js: ServerCredentials.createInsecure) */
export function insecureServer(): ServerCredentials {
  return plaintext;
}

/** Throws TypeError for what is none: a channel's, a call's. */
export function checkServerCredentials(given: unknown): void {
  const { security, ...others }: Partial<ServerCredentials> = Object(given);
  if (security !== undefined && !("scheme" in others)) return;
  throw new TypeError("credentials are none of a server: expected tlsServer({ … }) or insecureServer()");
}

/** What may be said about TLS of a server: its certificate must be, by `certificate` and `key`, `pfx` or `provider`. */
export interface TlsServerOptions extends TlsOptions {
  /** Certificates that the chains of clients may end at: PEM (one or many) or DER. Required when clients are asked for certificates, unless a provider brings them. (grpc-js: rootCerts) */
  readonly clientRoots?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined;
  /**
   * Whether clients are asked who they are: `none`; `request`, where they may have no certificate; or `require`. One that is
   * shown must be good in either case. Default: `require` when there are `clientRoots`, else `none`. (grpc-js:
   * checkClientCertificate)
   */
  readonly clientCertificate?: "none" | "request" | "require" | undefined;
  /** Milliseconds that a client has for its handshake. Default 10,000; whole numbers from 1. */
  readonly handshakeTimeoutMs?: number | undefined;
  /** Connections of one listener that may be in their handshake at once. For one more the oldest of the address that has most is closed, or it itself where that is its own address (with IPv6 its network of 64 bits); `onConnectionError` hears of it. Default 1000. */
  readonly maxHandshakes?: number | undefined;
}

const tlsOptionNames: Readonly<Record<keyof TlsServerOptions, true>> = {
  certificate: true,
  key: true,
  passphrase: true,
  pfx: true,
  crls: true,
  provider: true,
  minVersion: true,
  ciphers: true,
  clientRoots: true,
  clientCertificate: true,
  handshakeTimeoutMs: true,
  maxHandshakes: true,
};

const clientCertificates: readonly unknown[] = ["none", "request", "require"];
/** Far more than a handshake takes, and less than attackers would like. (this library) */
const defaultHandshakeTimeoutMs = 10_000;
/** What two seconds of one core can do. (this library) */
const defaultMaxHandshakes = 1000;
/** Of one timer. */
const longestTimeoutMs = 0x7fff_ffff;

/** The credentials of `tlsServer`, without what uses them. Throws TypeError when an option is not valid. */
export function tlsOfServer(options: TlsServerOptions): TlsServerCredentials {
  checkNames(options, tlsOptionNames);
  const { ciphers, clientRoots } = options;
  const { handshakeTimeoutMs = defaultHandshakeTimeoutMs, maxHandshakes = defaultMaxHandshakes } = options;
  if (options.provider === undefined && options.pfx === undefined && options.certificate === undefined) {
    throw new TypeError("the server has no certificate: expected certificate and key, pfx or provider");
  }
  const config: TlsServerConfig = Object.freeze({
    provider: providerOf(options, clientRoots, "clientRoots"),
    minVersion: minVersionOf(options),
    clientCertificate: clientCertificateOf(options),
    handshakeTimeoutMs: checkWhole("handshakeTimeoutMs", handshakeTimeoutMs, longestTimeoutMs),
    maxHandshakes: checkWhole("maxHandshakes", maxHandshakes, Number.MAX_SAFE_INTEGER),
    ...(ciphers === undefined ? {} : { ciphers }),
  });
  return Object.freeze({ security: Object.freeze({ kind: "tls", tls: config }) });
}

function clientCertificateOf(options: TlsServerOptions): TlsServerConfig["clientCertificate"] {
  const { provider, clientRoots, clientCertificate = clientRoots === undefined ? "none" : "require" } = options;
  if (!clientCertificates.includes(clientCertificate)) {
    const given = JSON.stringify(clientCertificate);
    throw new TypeError(`clientCertificate is ${given}: expected "none", "request" or "require"`);
  }
  if (clientCertificate === "none" || clientRoots !== undefined || provider !== undefined) return clientCertificate;
  throw new TypeError(`clientCertificate is "${clientCertificate}" without clientRoots: nobody's could be believed`);
}

function checkWhole(name: string, value: unknown, most: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new TypeError(`${name} is ${String(value)}: expected a whole number from 1 to ${most}`);
}
