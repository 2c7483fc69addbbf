/** The vocabulary of TLS: what credentials/ decides, net/ does, and peers show. */

/** What one TLS connection came to. */
export interface TlsSession {
  /** `TLSv1.3` or `TLSv1.2`. */
  readonly protocol: string;
  /** Name of the cipher suite as the TLS specifications write it: `TLS_AES_128_GCM_SHA256`. */
  readonly cipher: string;
  /** Of the certificate that the peer showed and that was verified; undefined when there is none such. */
  readonly identity?: PeerIdentity;
}

/** Whom a verified certificate stands for. */
export interface PeerIdentity {
  /** The URI SANs, or else the DNS SANs, or else the subject alone (gRFC A43). */
  readonly principals: readonly string[];
  readonly uris: readonly string[];
  readonly dnsNames: readonly string[];
  /** `10.0.0.1`, `2001:db8::1`. */
  readonly ipAddresses: readonly string[];
  /** Distinguished name as RFC 4514 writes it: `CN=shop,O=Example`; empty when the certificate has none. */
  readonly subject: string;
  /** The only URI SAN, when it is a SPIFFE ID (gRFC A87). */
  readonly spiffeId?: string;
  /** SHA-256 of the certificate: `AB:CD:…`. */
  readonly fingerprint256: string;
  /** DER. */
  readonly certificate: Uint8Array;
  readonly validTo: Date;
}

/** What proves who we are, and whom we believe. Key and certificate belong together: they change together. */
export interface TlsMaterial {
  /** PEM (the leaf first, then what it was signed by) or DER. */
  readonly certificate?: Uint8Array | string;
  /** PEM or DER (PKCS#8, PKCS#1 or SEC1). */
  readonly key?: Uint8Array | string;
  /** Of `key` or `pfx`. */
  readonly passphrase?: string;
  /** Certificate and key in one PKCS#12 file, in place of the two. */
  readonly pfx?: Uint8Array;
  /** Certificates that peers' chains may end at, PEM (one or many in each) or DER. Absent: those of the platform, for clients; nobody, for servers. */
  readonly roots?: readonly (string | Uint8Array)[];
  /** Certificate revocation lists, PEM or DER. */
  readonly crls?: readonly (string | Uint8Array)[];
  /** Trust domain → its roots as DER (gRFC A87). Present: peers show SPIFFE IDs, and `roots` is not asked. */
  readonly spiffeBundles?: ReadonlyMap<string, readonly Uint8Array[]>;
}

/** Where a connection takes its material from when it begins. Connections that stand keep what they began with. */
export interface CertificateProvider {
  /**
   * The last good material; undefined until there is some. The same object as long as nothing has changed: what is made of
   * it is kept by it.
   */
  current(): TlsMaterial | undefined;
  /** Watches until closed, as long as somebody does. Tells at once, or later, what there is, and then each new good one. */
  watch(listener: CertificateListener): { close(): void };
}

export interface CertificateListener {
  onMaterial(material: TlsMaterial): void;
  /** What there was stays in force. One sentence. */
  onError(message: string): void;
}

export type TlsVersion = "TLSv1.2" | "TLSv1.3";

/** What both ends decide. */
export interface TlsConfig {
  readonly provider: CertificateProvider;
  readonly minVersion: TlsVersion;
  /** OpenSSL's list of cipher suites; undefined for the library's own. */
  readonly ciphers?: string;
}

export interface TlsClientConfig extends TlsConfig {
  /** SPIFFE ID that a server's certificate must have in place of the name that is asked for; an address may bring another. */
  readonly serverIdentity?: string;
  /** For tests: the name that every certificate must have, whatever was asked for. */
  readonly serverNameOverride?: string;
}

export interface TlsServerConfig extends TlsConfig {
  /** Whether clients are asked for a certificate, and whether they must have one. One that is shown must be good in any case. */
  readonly clientCertificate: "none" | "request" | "require";
  /** Milliseconds that a client has from its connection to the end of the handshake. */
  readonly handshakeTimeoutMs: number;
  /** Connections of one listener that may be in their handshake at once. */
  readonly maxHandshakes: number;
}

export interface NoSecurity {
  readonly kind: "none";
}

/** How a connection is opened. */
export type ClientSecurity =
  | NoSecurity
  | {
      readonly kind: "tls";
      /** The name that is asked for (SNI) and that the certificate must have; an address may bring another one. */
      readonly serverName: string;
      readonly tls: TlsClientConfig;
    };

/** How the connections of a listener are taken. */
export type ServerSecurity = NoSecurity | { readonly kind: "tls"; readonly tls: TlsServerConfig };
