/** One A or AAAA record. */
export interface DnsAddress {
  readonly address: string;
  /** How long it may be kept (RFC 1035 §3.2.1). */
  readonly ttlMs: number;
}

/** One SRV record (RFC 2782). */
export interface DnsService {
  /** Of the server; "" where the record says that there is no such service. */
  readonly host: string;
  readonly port: number;
  /** The lowest one that can be reached is used. */
  readonly priority: number;
  /** Share of the calls among those of one priority. */
  readonly weight: number;
}

/**
 * Asks DNS servers itself, without the system's hosts file and search domains. A name without records of the kind, or no
 * such name, is an empty list; whatever else goes wrong is an error whose message is one sentence.
 */
export interface DnsClient {
  addresses(host: string, family: 4 | 6): Promise<readonly DnsAddress[]>;
  services(name: string): Promise<readonly DnsService[]>;
  /** TXT records, the strings of each joined. */
  texts(name: string): Promise<readonly string[]>;
  /** Gives up every question that is under way: each rejects. */
  cancel(): void;
}
