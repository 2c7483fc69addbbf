import { createPrivateKey, generateKeyPairSync, type KeyObject, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { CommandError } from "../command.js";
import { type CertificateContent, encodeCertificate, nameOf, pemOf, type Signer, subjectOf } from "./x509.js";

/** A certificate and its key, in PEM. */
export interface Pair {
  readonly certificate: string;
  readonly key: string;
}

/** Signs certificates for development. Ten years; a leaf ends before it does, whatever was asked for. */
export class DevAuthority {
  readonly pair: Pair;
  readonly #signer: Signer;
  readonly #validTo: Date;

  private constructor(pair: Pair, signer: Signer, validTo: Date) {
    this.pair = pair;
    this.#signer = signer;
    this.#validTo = validTo;
  }

  static create(now: Date): DevAuthority {
    const subject = { commonName: "Godwit development CA" };
    const key = newKey();
    const validity = validityOf(now, 3650);
    const signer: Signer = { subject: nameOf(subject), key };
    const content: CertificateContent = { subject, ...validity, usages: [], isAuthority: true };
    return new DevAuthority(pairOf(encodeCertificate(content, key, signer), key), signer, validity.notAfter);
  }

  /** The one that was made before. Throws CommandError when it is none, or is over. @param path Of the certificate. */
  static read(pair: Pair, path: string, now: Date): DevAuthority {
    const again = "remove it for a new one, which everyone has to trust anew";
    let certificate: X509Certificate;
    let key: KeyObject;
    try {
      certificate = new X509Certificate(pair.certificate);
      key = createPrivateKey(pair.key);
    } catch {
      throw new CommandError(`${path} or its key cannot be read: ${again}`);
    }
    if (!certificate.ca || !certificate.checkPrivateKey(key)) {
      throw new CommandError(`${path} is no authority with its key beside it: ${again}`);
    }
    const validTo = new Date(certificate.validTo);
    if (validTo <= now) throw new CommandError(`${path} expired at ${validTo.toISOString()}: ${again}`);
    return new DevAuthority(pair, { subject: subjectOf(certificate.raw), key }, validTo);
  }

  /** For servers of these names and addresses. */
  issueServer(hosts: readonly string[], days: number, now: Date): Pair & { readonly validTo: Date } {
    const [commonName = ""] = hosts;
    const dnsNames = hosts.filter((host) => isIP(host) === 0);
    const ipAddresses = hosts.filter((host) => isIP(host) !== 0);
    return this.#issue({ subject: { commonName }, dnsNames, ipAddresses, usages: ["server"] }, days, now);
  }

  /** For a client of this name: a URI is one, and a name is a host's. Authorization knows it by that (gRFC A43). */
  issueClient(name: string, days: number, now: Date): Pair & { readonly validTo: Date } {
    const isUri = name.includes("://");
    const names = isUri ? { uris: [name] } : { dnsNames: [name] };
    const commonName = isUri ? "client" : name;
    return this.#issue({ subject: { commonName }, ...names, usages: ["client"] }, days, now);
  }

  #issue(
    content: Omit<CertificateContent, "notBefore" | "notAfter" | "isAuthority">,
    days: number,
    now: Date,
  ): Pair & { readonly validTo: Date } {
    const key = newKey();
    const { notBefore, notAfter } = validityOf(now, days);
    const validTo = notAfter < this.#validTo ? notAfter : this.#validTo;
    const whole: CertificateContent = { ...content, notBefore, notAfter: validTo, isAuthority: false };
    return { ...pairOf(encodeCertificate(whole, key, this.#signer), key), validTo };
  }
}

/** From an hour ago: the clock of a virtual machine may be behind. Certificates know no parts of a second. */
function validityOf(now: Date, days: number): { readonly notBefore: Date; readonly notAfter: Date } {
  const second = Math.floor(now.getTime() / 1000) * 1000;
  return { notBefore: new Date(second - 3_600_000), notAfter: new Date(second + days * 86_400_000) };
}

function newKey(): KeyObject {
  return generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey;
}

function pairOf(der: Uint8Array, key: KeyObject): Pair {
  const exported = key.export({ type: "pkcs8", format: "pem" });
  return { certificate: pemOf("CERTIFICATE", der), key: exported.toString() };
}
