import type { ServerSecurity } from "../base/tls.js";

/** How a server protects the connections of one listener. */
export interface ServerCredentials {
  readonly security: ServerSecurity;
}

const plaintext: ServerCredentials = Object.freeze({ security: Object.freeze({ kind: "none" }) });

/** No protection: whoever is on the way can read and change everything. (grpc-js: ServerCredentials.createInsecure) */
export function insecureServer(): ServerCredentials {
  return plaintext;
}
