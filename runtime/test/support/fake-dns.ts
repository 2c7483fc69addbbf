import type { DnsAddress, DnsClient, DnsService } from "../../src/base/dns-client.js";
import { dnsError } from "../../src/net/system-error.js";

/** One DNS server: what it answers, and what it was asked. */
export class FakeDns {
  readonly v4 = new Map<string, readonly DnsAddress[]>();
  readonly v6 = new Map<string, readonly DnsAddress[]>();
  readonly services = new Map<string, readonly DnsService[]>();
  readonly texts = new Map<string, readonly string[]>();
  /** Questions that fail, `A shop`, and the code with which they do. */
  readonly failures = new Map<string, string>();
  /** Questions that get no answer until they are given up. */
  readonly silences = new Set<string>();
  /** Every question, in order: `A shop`, `AAAA shop`, `SRV _grpc._tcp.shop`, `TXT _grpc_config.shop`. */
  readonly questions: string[] = [];
  /** Gives up questions that are under way. */
  readonly #pending = new Set<() => void>();

  constructor(readonly server: string) {}

  /** Sets A records that hold for `ttlMs`. */
  setHost(host: string, addresses: readonly string[], ttlMs: number): void {
    const entries = addresses.map((address) => ({ address, ttlMs }));
    this.v4.set(
      host,
      entries.filter(({ address }) => !address.includes(":")),
    );
    this.v6.set(
      host,
      entries.filter(({ address }) => address.includes(":")),
    );
  }

  /** Questions that are under way. */
  get waiting(): number {
    return this.#pending.size;
  }

  client(): DnsClient {
    return {
      addresses: (host, family) =>
        family === 4 ? this.#answer("A", host, this.v4) : this.#answer("AAAA", host, this.v6),
      services: (name) => this.#answer("SRV", name, this.services),
      texts: (name) => this.#answer("TXT", name, this.texts),
      cancel: () => {
        for (const giveUp of [...this.#pending]) giveUp();
      },
    };
  }

  async #answer<T>(type: string, name: string, zone: ReadonlyMap<string, readonly T[]>): Promise<readonly T[]> {
    const question = `${type} ${name}`;
    this.questions.push(question);
    const code = this.failures.get(question) ?? (this.silences.has(question) ? await this.#silence() : undefined);
    if (code !== undefined) throw dnsError(name, this.server, Object.assign(new Error(code), { code }));
    return zone.get(name) ?? [];
  }

  #silence(): Promise<string> {
    return new Promise((resolve) => {
      const giveUp = (): void => {
        this.#pending.delete(giveUp);
        resolve("ECANCELLED");
      };
      this.#pending.add(giveUp);
    });
  }
}
