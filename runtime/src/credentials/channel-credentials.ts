import { checkNames } from "../base/option-group.js";
import type { ClientSecurity, NoSecurity, TlsClientConfig } from "../base/tls.js";
import { hostOfAuthority } from "../rpc/authority.js";
import type { CallCredentials } from "../rpc/call-credentials.js";
import { parseSpiffeId } from "./spiffe/spiffe-id.js";
import { minVersionOf, providerOf, type TlsOptions } from "./tls-options.js";

/** How a channel protects what it sends. */
export interface ChannelCredentials {
  /** Credentials with the very same object here may share connections. */
  readonly security: NoSecurity | { readonly kind: "tls"; readonly tls: TlsClientConfig };
  /** Value of `:scheme`. */
  readonly scheme: "http" | "https";
  /** Port of a target that names none: 443 whatever the security (grpc/grpc doc/naming.md). */
  readonly defaultPort: number;
  /** Go with every call of the channel; see combineCredentials. */
  readonly callCredentials?: CallCredentials | undefined;
}

/** Those of TLS. */
export interface TlsChannelCredentials extends ChannelCredentials {
  readonly security: { readonly kind: "tls"; readonly tls: TlsClientConfig };
}

const plaintext: ChannelCredentials = Object.freeze({
  security: Object.freeze({ kind: "none" }),
  scheme: "http",
  defaultPort: 443,
});

/** No protection: whoever is on the way can read and change everything. (grpc-js: credentials.createInsecure) */
export function insecure(): ChannelCredentials {
  return plaintext;
}

/** What may be said about TLS of a channel; with nothing said, whoever the platform's roots vouch for is believed. */
export interface TlsChannelOptions extends TlsOptions {
  /** Certificates that the server's chain may end at: PEM (one or many) or DER. Default: Node's own and those of NODE_EXTRA_CA_CERTS, or the file that GRPC_DEFAULT_SSL_ROOTS_FILE_PATH names. (grpc-js: rootCerts) */
  readonly roots?: string | Uint8Array | readonly (string | Uint8Array)[] | undefined;
  /**
   * SPIFFE ID that every server of the channel must have, `spiffe://prod.example/shop`, in place of the target's name: what a
   * control plane says of an endpoint (`serverIdentity`) goes before it.
   */
  readonly serverIdentity?: string | undefined;
  /** FOR TESTS ALONE: the name that every server's certificate must have, whatever the target is. Whoever has a certificate for that name is then believed to be anybody. (grpc-js: grpc.ssl_target_name_override) */
  readonly serverNameOverrideForTests?: string | undefined;
}

const tlsOptionNames: Readonly<Record<keyof TlsChannelOptions, true>> = {
  certificate: true,
  key: true,
  passphrase: true,
  pfx: true,
  crls: true,
  provider: true,
  minVersion: true,
  ciphers: true,
  roots: true,
  serverIdentity: true,
  serverNameOverrideForTests: true,
};

/** The credentials of `tls`, without what uses them. Throws TypeError when an option is not valid. */
export function tlsOfChannel(options: TlsChannelOptions): TlsChannelCredentials {
  checkNames(options, tlsOptionNames);
  const { ciphers, serverIdentity, serverNameOverrideForTests: serverNameOverride } = options;
  checkIdentity(serverIdentity);
  const config: TlsClientConfig = Object.freeze({
    provider: providerOf(options, options.roots, "roots"),
    minVersion: minVersionOf(options),
    ...(ciphers === undefined ? {} : { ciphers }),
    ...(serverIdentity === undefined ? {} : { serverIdentity }),
    ...(serverNameOverride === undefined ? {} : { serverNameOverride }),
  });
  return Object.freeze({
    security: Object.freeze({ kind: "tls", tls: config }),
    scheme: "https",
    defaultPort: plaintext.defaultPort,
  });
}

function checkIdentity(identity: string | undefined): void {
  const parsed = identity === undefined ? undefined : parseSpiffeId(identity);
  if (parsed === undefined || "value" in parsed) return;
  throw new TypeError(`serverIdentity is ${JSON.stringify(identity)}, which ${parsed.error}: expected a SPIFFE ID`);
}

/** Throws TypeError for what is none: a server's, a call's. */
export function checkChannelCredentials(given: unknown): void {
  const { security, scheme }: Partial<ChannelCredentials> = Object(given);
  if (security !== undefined && scheme !== undefined) return;
  throw new TypeError("credentials are none of a channel: expected tls(), insecure() or combineCredentials(tls(), …)");
}

/** How the connections of a channel are opened whose calls are for `authority`. */
export function clientSecurity({ security }: ChannelCredentials, authority: string): ClientSecurity {
  if (security.kind === "none") return security;
  const { tls } = security;
  return { kind: "tls", serverName: tls.serverNameOverride ?? hostOfAuthority(authority), tls };
}
