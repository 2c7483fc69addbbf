import type { DnsClient } from "../../base/dns-client.js";
import type { Millis, Platform } from "../../base/platform.js";
import { textOfThrown } from "../../base/text-of-thrown.js";
import { StatusCode } from "../../rpc/status-code.js";
import type { ServiceConfigInit } from "../../service-config/service-config-init.js";
import type { Endpoint } from "../endpoint.js";
import type { ResolverResult, StatusOr } from "../resolver.js";
import { type AddressLookup, addressEndpoints, DnsAddresses, SystemAddresses } from "./address-lookup.js";
import type { DnsSettings } from "./dns-options.js";
import { ServiceLookup, serviceName } from "./service-lookup.js";
import { type ClientTraits, chooseServiceConfig } from "./txt-service-config.js";

export interface NameLookupOptions {
  readonly host: string;
  readonly port: number;
  readonly note: string | undefined;
  /** As Platform.dns takes it; "" for none. */
  readonly server: string;
  readonly useSrv: boolean;
  readonly settings: DnsSettings;
  /** Of ResolverOptions. */
  readonly lot: number;
}

export interface Found {
  readonly result: ResolverResult;
  /** How long the addresses hold; undefined where nobody said so. */
  readonly ttlMs: Millis | undefined;
}

interface FoundEndpoints {
  readonly endpoints: readonly Endpoint[];
  readonly ttlMs: Millis | undefined;
  readonly note: string | undefined;
}

/** Languages of `clientLanguage`: grpc-js calls itself "node", and so configs for it hold here. */
const languages: readonly string[] = ["node", "typescript"];

/** One look at a name: its addresses or SRV records and, if it is wanted, its service config. */
export class NameLookup {
  readonly #options: NameLookupOptions;
  /** Asks DNS itself; undefined where nothing but the system is asked. */
  readonly #client: DnsClient | undefined;
  readonly #addresses: AddressLookup;
  /** Undefined unless SRV records are asked for. */
  readonly #services: ServiceLookup | undefined;
  readonly #traits: ClientTraits;

  constructor(platform: Platform, options: NameLookupOptions) {
    this.#options = options;
    const { host, server, settings, useSrv } = options;
    const asksDns = server !== "" || settings.source === "dns";
    const client = asksDns || useSrv || settings.serviceConfig ? platform.dns(server || undefined) : undefined;
    const where = server === "" ? "" : ` at ${server}`;
    this.#client = client;
    this.#addresses = asksDns && client ? new DnsAddresses(client, where) : new SystemAddresses(platform);
    this.#services = useSrv && client ? new ServiceLookup(client, serviceName(host), this.#addresses) : undefined;
    this.#traits = { languages, hostName: platform.hostName(), percentile: Math.floor(options.lot * 100) };
  }

  /** What is looked up, and where, as it stands in a sentence. */
  get name(): string {
    const { host, server } = this.#options;
    return server === "" ? host : `${host} at ${server}`;
  }

  /** Rejects with one sentence when no address was found. */
  async find(): Promise<Found> {
    const [found, serviceConfig] = await Promise.all([this.#findEndpoints(), this.#findServiceConfig()]);
    const notes = [this.#options.note, found.note].filter((note) => note !== undefined);
    const result = {
      endpoints: { value: found.endpoints },
      ...(serviceConfig === undefined ? {} : { serviceConfig }),
      ...(notes.length === 0 ? {} : { note: notes.join("; ") }),
    };
    return { result, ttlMs: found.ttlMs };
  }

  /** Gives up what is under way. */
  giveUp(): void {
    this.#client?.cancel();
  }

  async #findEndpoints(): Promise<FoundEndpoints> {
    const { host, port } = this.#options;
    // Node tells no TTL of SRV records, and that of the addresses says nothing of when servers come or go.
    if (this.#services !== undefined) return { ...(await this.#services.find()), ttlMs: undefined };
    const { addresses, ttlMs, note } = await this.#addresses.find(host);
    return { endpoints: addressEndpoints(addresses, port), ttlMs, note };
  }

  async #findServiceConfig(): Promise<StatusOr<ServiceConfigInit> | undefined> {
    if (!this.#options.settings.serviceConfig || this.#client === undefined) return undefined;
    // gRFC A2: beside the host, not at it, since a CNAME suffers no other record.
    const name = `_grpc_config.${this.#options.host}`;
    try {
      const chosen = chooseServiceConfig(await this.#client.texts(name), this.#traits);
      if ("error" in chosen) {
        const message = `the service config at ${name} is refused: ${chosen.error}`;
        return { status: { code: StatusCode.UNAVAILABLE, message } };
      }
      return chosen.value === undefined ? undefined : { value: chosen.value };
    } catch (error) {
      return { status: { code: StatusCode.UNAVAILABLE, message: textOfThrown(error), cause: error } };
    }
  }
}
