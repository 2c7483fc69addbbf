import type { TransportSecurity } from "../base/platform.js";

/** How a channel protects what it sends. */
export interface ChannelCredentials {
  readonly security: TransportSecurity;
  /** Value of `:scheme`. */
  readonly scheme: "http" | "https";
  /** Port of a target that names none: 443 whatever the security (grpc/grpc doc/naming.md). */
  readonly defaultPort: number;
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
