import assert from "node:assert/strict";
import type { Address } from "../../../src/base/platform.js";
import { dnsResolver } from "../../../src/resolver/dns/dns.js";
import type { DnsResolverOptions } from "../../../src/resolver/dns/dns-options.js";
import { addressName } from "../../../src/resolver/endpoint.js";
import type { Resolver, ResolverResult } from "../../../src/resolver/resolver.js";
import { parseTarget } from "../../../src/resolver/target.js";
import { FakePlatform } from "../../support/fake-platform.js";

/** A resolver of a `dns:` target in virtual time, and what it has told. */
export class DnsFixture {
  /** One line for each result: its addresses, or why there are none. */
  readonly lines: string[] = [];
  last: ResolverResult | undefined;
  accepts = true;
  readonly resolver: Resolver;

  constructor(
    text: string,
    options: DnsResolverOptions = {},
    readonly platform: FakePlatform = new FakePlatform(),
  ) {
    const target = parseTarget(text, (scheme) => scheme === "dns");
    assert.ok("value" in target);
    const created = dnsResolver(options).create(target.value, { platform, defaultPort: 443, lot: platform.random() });
    if ("error" in created) assert.fail(created.error);
    this.resolver = created.value;
  }

  async start(): Promise<void> {
    this.resolver.start({ onResult: (result) => this.#onResult(result) });
    assert.deepEqual(this.lines, [], "a listener is not called within start");
    await this.platform.settle();
  }

  /** Of the last result, one list for each endpoint. */
  get endpoints(): readonly (readonly Address[])[] {
    const endpoints = this.last?.endpoints ?? assert.fail("nothing was told");
    if ("status" in endpoints) assert.fail(endpoints.status.message);
    return endpoints.value.map((endpoint) => endpoint.addresses);
  }

  #onResult(result: ResolverResult): boolean {
    this.last = result;
    const { endpoints } = result;
    if ("status" in endpoints) this.lines.push(endpoints.status.message);
    else this.lines.push(endpoints.value.map(({ addresses }) => addresses.map(addressName).join(" ")).join(", "));
    return this.accepts;
  }
}
