/** What `--use_tls` and its like mean. */
import { type ChannelCredentials, insecure, insecureServer, type ServerCredentials } from "godwit";

/** Names of files in PEM; "" for none. */
export interface ServerSecurityFlags {
  readonly use_tls: string;
  readonly tls_cert_file: string;
  readonly tls_key_file: string;
  readonly client_ca_file: string;
}

export interface ClientSecurityFlags {
  readonly use_tls: string;
  readonly use_test_ca: string;
  readonly ca_file: string;
  readonly cert_file: string;
  readonly key_file: string;
}

export function serverCredentials(flags: ServerSecurityFlags): ServerCredentials {
  if (flags.use_tls !== "true") return insecureServer();
  throw new Error("--use_tls: there is no TLS yet");
}

export function clientCredentials(flags: ClientSecurityFlags): ChannelCredentials {
  if (flags.use_tls !== "true") return insecure();
  throw new Error("--use_tls: there is no TLS yet");
}
