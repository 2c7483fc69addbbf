import type { ClientSecurity, NoSecurity, TlsClientConfig } from "../base/tls.js";
import { hostOfAuthority } from "../rpc/authority.js";
import type { CallCredentials } from "../rpc/call-credentials.js";

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

const plaintext: ChannelCredentials = Object.freeze({
  security: Object.freeze({ kind: "none" }),
  scheme: "http",
  defaultPort: 443,
});

/** No protection: whoever is on the way can read and change everything. (grpc-js: credentials.createInsecure) */
export function insecure(): ChannelCredentials {
  return plaintext;
}

/** How the connections of a channel are opened whose calls are for `authority`. */
export function clientSecurity({ security }: ChannelCredentials, authority: string): ClientSecurity {
  if (security.kind === "none") return security;
  const { tls } = security;
  return { kind: "tls", serverName: tls.serverNameOverride ?? hostOfAuthority(authority), tls };
}
