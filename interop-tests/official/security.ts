/** What `--use_tls` and its like mean. */
import { readFileSync } from "node:fs";
import { type ChannelCredentials, insecure, insecureServer, type ServerCredentials, tls, tlsServer } from "godwit";

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

/** Throws an Error with one sentence when a flag is missing, and what the file system says of a file. */
export function serverCredentials(flags: ServerSecurityFlags): ServerCredentials {
  if (flags.use_tls !== "true") return insecureServer();
  const { tls_cert_file: certificate, tls_key_file: key } = flags;
  if (certificate === "" || key === "") {
    throw new Error(
      "--use_tls wants --tls_cert_file and --tls_key_file: gRPC's own test certificate is not in this package",
    );
  }
  return tlsServer({
    certificate: readFileSync(certificate),
    key: readFileSync(key),
    clientRoots: read(flags.client_ca_file),
  });
}

/** The same of a client. */
export function clientCredentials(flags: ClientSecurityFlags): ChannelCredentials {
  if (flags.use_tls !== "true") return insecure();
  if (flags.use_test_ca === "true" && flags.ca_file === "") {
    throw new Error("--use_test_ca wants --ca_file: gRPC's own test authority is not in this package");
  }
  const roots = flags.use_test_ca === "true" ? readFileSync(flags.ca_file) : undefined;
  return tls({ roots, certificate: read(flags.cert_file), key: read(flags.key_file) });
}

function read(file: string): Buffer | undefined {
  return file === "" ? undefined : readFileSync(file);
}
