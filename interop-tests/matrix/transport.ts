/** How the bytes are protected, and the certificates for it. */
import { writeFileSync } from "node:fs";
import { cacheFolder } from "./cache-folder.js";

export const transports = ["h2c", "tls", "mtls"] as const;
export type Transport = (typeof transports)[number];

/** What the server's certificate is for: the name in gRPC's own test certificate. */
export const serverName = "foo.test.google.fr";

/** Names of files in PEM. */
export interface CertificateFiles {
  readonly folder: string;
  readonly authority: string;
  readonly serverCertificate: string;
  readonly serverKey: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
}

const { createAuthority } = (await import(
  new URL("../../../runtime/build/test/support/certificates.js", import.meta.url).href
)) as typeof import("../../runtime/test/support/certificates.js");

/** An authority, a server and a client that live for a day. The names of the files are those of gRPC's test certificates. */
export function writeCertificates(): CertificateFiles {
  const folder = cacheFolder("certificates/certs");
  const authority = createAuthority({ commonName: "Interop CA" });
  const server = authority.issue({ dnsNames: ["*.test.google.fr", "localhost"], ipAddresses: ["127.0.0.1"] });
  const client = authority.issue({ commonName: "interop client", dnsNames: ["client.test.google.fr"] });
  const write = (name: string, text: string): string => {
    writeFileSync(`${folder}/${name}`, text);
    return `${folder}/${name}`;
  };
  return {
    folder,
    authority: write("ca.pem", authority.certificate),
    serverCertificate: write("server1.pem", server.chain),
    serverKey: write("server1.key", server.key),
    clientCertificate: write("client.pem", client.chain),
    clientKey: write("client.key", client.key),
  };
}

/** Flags of a server program. */
export function serverFlags(transport: Transport, files: CertificateFiles): string[] {
  if (transport === "h2c") return [];
  const { serverCertificate, serverKey, authority } = files;
  const tls = ["--use_tls=true", `--tls_cert_file=${serverCertificate}`, `--tls_key_file=${serverKey}`];
  return transport === "tls" ? tls : [...tls, `--client_ca_file=${authority}`];
}

/** Flags of a client program. */
export function clientFlags(transport: Transport, files: CertificateFiles): string[] {
  if (transport === "h2c") return [];
  const { authority, clientCertificate, clientKey } = files;
  const override = `--server_host_override=${serverName}`;
  const tls = ["--use_tls=true", "--use_test_ca=true", `--ca_file=${authority}`, override];
  return transport === "tls" ? tls : [...tls, `--cert_file=${clientCertificate}`, `--key_file=${clientKey}`];
}
