import type { Platform } from "../base/platform.js";
import type { CertificateProvider } from "../base/tls.js";
import { CertificateFiles } from "../credentials/files/certificate-files.js";
import type { CertificateFilesOptions } from "../credentials/files/certificate-files-options.js";
import { nodePlatform } from "./node-platform.js";
import { tlsMaterialProblem } from "./tls/material-problem.js";

/**
 * Certificates and keys from files that are watched: a new connection begins with what is in them then, and those that
 * stand go on (`maxConnectionAge` bounds them). One may serve any number of channels and servers.
 * Throws TypeError when an option is not valid. (grpc-js: FileWatcherCertificateProvider)
 */
export function certificateFiles(
  options: CertificateFilesOptions & { readonly platform?: Platform | undefined },
): CertificateProvider {
  const { platform, ...files } = options;
  return new CertificateFiles(platform ?? nodePlatform(), files, tlsMaterialProblem);
}
