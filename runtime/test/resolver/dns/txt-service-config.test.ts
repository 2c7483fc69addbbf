import assert from "node:assert/strict";
import { chooseServiceConfig } from "../../../src/resolver/dns/txt-service-config.js";
import { FakePlatform } from "../../support/fake-platform.js";
import { DnsFixture } from "./dns-fixture.js";

const traits = { languages: ["node", "typescript"], hostName: "pod-7", percentile: 41 };
const config = { methodConfig: [] };
const other = { loadBalancingPolicy: "round_robin" };
const choose = (choices: unknown) => chooseServiceConfig([`grpc_config=${JSON.stringify(choices)}`], traits);

describe("chooseServiceConfig (gRFC A2)", () => {
  const chosen: readonly [string, unknown, unknown][] = [
    ["nothing from no choice", [], undefined],
    ["the first choice that is for all", [{ serviceConfig: config }, { serviceConfig: other }], config],
    ["by language", [{ clientLanguage: ["go"], serviceConfig: other }, { serviceConfig: config }], config],
    ["languages in any case", [{ clientLanguage: ["Go", "NODE"], serviceConfig: config }], config],
    ["an empty list for all", [{ clientLanguage: [], clientHostname: [], serviceConfig: config }], config],
    ["by percentage, above", [{ percentage: 41, serviceConfig: config }], undefined],
    ["by percentage, below", [{ percentage: 42, serviceConfig: config }], config],
    ["0 % for nobody", [{ percentage: 0, serviceConfig: config }], undefined],
    ["100 % for all", [{ percentage: 100, serviceConfig: config }], config],
    ["by host name", [{ clientHostname: ["pod-6", "pod-7"], serviceConfig: config }], config],
    ["host names exactly", [{ clientHostname: ["POD-7"], serviceConfig: config }], undefined],
    ["as grpc-go writes host names", [{ clientHostName: ["pod-8"], serviceConfig: config }], undefined],
    [
      "only if all of it is so",
      [
        { clientLanguage: ["node"], percentage: 1, serviceConfig: other },
        { percentage: 100, serviceConfig: config },
      ],
      config,
    ],
  ];
  for (const [title, choices, value] of chosen) {
    it(`chooses ${title}`, () => assert.deepEqual(choose(choices), { value }));
  }

  const errors: readonly [unknown, string][] = [
    [{}, "grpc_config is {}: expected a list"],
    [[1], "grpc_config[0] is 1: expected an object"],
    [[{ serviceConfig: config }, { serviceConfig: config, color: 1 }], "grpc_config[1].color is not known"],
    [[{}], "grpc_config[0].serviceConfig is undefined: expected an object"],
    [[{ serviceConfig: [] }], "grpc_config[0].serviceConfig is []: expected an object"],
    [
      [{ serviceConfig: config, percentage: 101 }],
      "grpc_config[0].percentage is 101: expected a whole number from 0 to 100",
    ],
    [
      [{ serviceConfig: config, percentage: "5" }],
      'grpc_config[0].percentage is "5": expected a whole number from 0 to 100',
    ],
    [
      [{ serviceConfig: config, clientLanguage: "go" }],
      'grpc_config[0].clientLanguage is "go": expected a list of strings',
    ],
    [
      [{ serviceConfig: config, clientHostname: [1] }],
      "grpc_config[0].clientHostname is [1]: expected a list of strings",
    ],
  ];
  for (const [choices, error] of errors) {
    it(`refuses ${JSON.stringify(choices)}`, () => assert.deepEqual(choose(choices), { error }));
  }

  it("reads the record that is a grpc_config among others, and refuses what is not JSON", () => {
    const texts = ["v=spf1 -all", 'grpc_config=[{"serviceConfig":{}}]'];
    assert.deepEqual(chooseServiceConfig(texts, traits), { value: {} });
    assert.deepEqual(chooseServiceConfig(["v=spf1 -all"], traits), { value: undefined });
    assert.deepEqual(chooseServiceConfig(["grpc_config=[{"], traits), { error: 'grpc_config is "[{": expected JSON' });
  });
});

describe("dns resolver with serviceConfig: true", () => {
  const record = (...choices: unknown[]) => [`grpc_config=${JSON.stringify(choices)}`];

  it("grpc-js: looks at _grpc_config.<host>, not at the host itself", async () => {
    const dns = new DnsFixture("shop:1", { serviceConfig: true });
    dns.platform.hosts.set("shop", ["10.0.0.1"]);
    dns.platform.dnsServer("").texts.set("shop", record({ serviceConfig: other }));
    dns.platform.dnsServer("").texts.set("_grpc_config.shop", record({ serviceConfig: config }));
    await dns.start();
    assert.deepEqual(dns.last?.serviceConfig, { value: config });
    assert.deepEqual(dns.platform.dnsServer("").questions, ["TXT _grpc_config.shop"]);
  });

  it("asks nobody unless it is wanted", async () => {
    const dns = new DnsFixture("dns://8.8.8.8/shop:1");
    await dns.start();
    assert.deepEqual(dns.platform.dnsServer("8.8.8.8:53").questions, ["AAAA shop", "A shop"]);
  });

  it("has none where there is no record: the channel's own holds", async () => {
    const dns = new DnsFixture("localhost:1", { serviceConfig: true });
    await dns.start();
    assert.equal(dns.last !== undefined && "serviceConfig" in dns.last, false);
  });

  it("has a status, beside the addresses, when the record is malformed or the question failed", async () => {
    const dns = new DnsFixture("localhost:1", { serviceConfig: true });
    const server = dns.platform.dnsServer("");
    server.texts.set("_grpc_config.localhost", record({ serviceConfig: 1 }));
    await dns.start();
    assert.deepEqual(dns.lines, ["127.0.0.1:1"]);
    const problem = () => {
      const found = dns.last?.serviceConfig;
      return found !== undefined && "status" in found ? found.status.message : undefined;
    };
    assert.equal(
      problem(),
      "the service config at _grpc_config.localhost is refused: grpc_config[0].serviceConfig is 1: expected an object",
    );
    server.failures.set("TXT _grpc_config.localhost", "ETIMEOUT");
    await dns.platform.advanceAsync(36_000);
    assert.equal(problem(), "cannot resolve _grpc_config.localhost: the name server did not answer (ETIMEOUT)");
  });

  it("stays with its lot for as long as the channel lives, and channels draw different ones", async () => {
    let chosen = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const dns = new DnsFixture("localhost:1", { serviceConfig: true }, new FakePlatform({ seed: seed * 7919 }));
      const texts = record({ percentage: 30, serviceConfig: config }, { serviceConfig: other });
      dns.platform.dnsServer("").texts.set("_grpc_config.localhost", texts);
      await dns.start();
      const first = dns.last?.serviceConfig;
      for (let i = 0; i < 5; i++) {
        await dns.platform.advanceAsync(36_000);
        assert.deepEqual(dns.last?.serviceConfig, first);
      }
      if (first !== undefined && "value" in first && first.value === config) assert.fail("a copy is expected");
      if (JSON.stringify(first) === JSON.stringify({ value: config })) chosen++;
    }
    assert.ok(chosen > 40 && chosen < 80, `${chosen} of 200 channels chose what 30 % should`);
  });
});
