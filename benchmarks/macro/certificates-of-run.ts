/** The certificates of one run, made by its first process and handed to the others in their environment. */
import { createAuthority } from "../support/certificates.js";

const variable = "BENCH_TLS";

/** PEM, for a server on 127.0.0.1. */
export interface RunCertificates {
  readonly roots: string;
  readonly certificate: string;
  readonly key: string;
}

/** An environment with new ones in it. */
export function environmentWithCertificates(): NodeJS.ProcessEnv {
  const authority = createAuthority();
  const { chain, key } = authority.issue({ ipAddresses: ["127.0.0.1"] });
  const made: RunCertificates = { roots: authority.certificate, certificate: chain, key };
  return { ...process.env, [variable]: JSON.stringify(made) };
}

/** Undefined where everything is plaintext. */
export function certificatesOfRun(): RunCertificates | undefined {
  const text = process.env[variable];
  return text === undefined ? undefined : (JSON.parse(text) as RunCertificates);
}
