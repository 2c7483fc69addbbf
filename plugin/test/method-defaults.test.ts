import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createProtocGenGodwit } from "../src/plugin.js";
import { compileSources, contents, generate, generationError, request } from "./support/compile.js";
import { repositoryRoot } from "./support/paths.js";

const optionsProto = readFileSync(join(repositoryRoot, "proto", "godwit", "options.proto"), "utf8");

function sourcesOf(method: string, signature = "rpc Do(M) returns (M)"): Record<string, string> {
  const shop = `syntax = "proto3"; package a.v1; import "godwit/options.proto";
    message M {} service S { ${signature} { ${method} } }`;
  return { "a.proto": shop, "godwit/options.proto": optionsProto };
}

const safe = "option idempotency_level = NO_SIDE_EFFECTS; ";

describe("options of methods in a .proto", () => {
  const printed: readonly [what: string, method: string, lines: readonly string[]][] = [
    ["a timeout", "option (godwit.method).timeout_ms = 1500;", ["timeoutMs: 1500,"]],
    ["a fraction of a millisecond", "option (godwit.method).timeout_ms = 0.5;", ["timeoutMs: 0.5,"]],
    [
      "a retry policy that leaves all to its defaults",
      `${safe}option (godwit.method) = { retry: {} };`,
      ["retry: {},"],
    ],
    [
      "a retry policy",
      `${safe}option (godwit.method) = { retry: { max_attempts: 3 initial_backoff_ms: 0.5 max_backoff_ms: 200
        backoff_multiplier: 1.5 retryable_status_codes: [UNAVAILABLE, ABORTED] } };`,
      [
        "retry: { maxAttempts: 3, initialBackoffMs: 0.5, maxBackoffMs: 200, backoffMultiplier: 1.5, retryableStatusCodes: [14, 10] },",
      ],
    ],
    ["no other attempt", "option (godwit.method).at_most_once = true;", ["retry: false,"]],
    [
      "a hedging policy with a delay, beside a timeout",
      `${safe}option (godwit.method) = { timeout_ms: 900 hedging: { max_attempts: 4 delay_ms: 0 max_extra_load: inf
        non_fatal_status_codes: INTERNAL } };`,
      [
        "timeoutMs: 900,",
        "hedging: { maxAttempts: 4, maxExtraLoad: Infinity, nonFatalStatusCodes: [13], delayMs: 0 },",
      ],
    ],
    [
      "a hedging policy with a percentile",
      `${safe}option (godwit.method) = { hedging: { delay_percentile: 0.9 max_extra_load: 0.1 } };`,
      ["hedging: { maxExtraLoad: 0.1, delayPercentile: 0.9 },"],
    ],
    [
      "hedging of a method that may have effects, where the .proto says so",
      "option (godwit.method) = { hedging: { delay_ms: 5 unsafe: true } };",
      ["hedging: { unsafe: true, delayMs: 5 },"],
    ],
    ["nothing", "", []],
  ];
  for (const [what, method, lines] of printed) {
    it(`are printed into the stub: ${what}`, () => {
      const stub = generate(sourcesOf(method), "target=js").get("a_godwit.js") ?? "";
      const found = stub.split("\n").filter((line) => /^ {4}(timeoutMs|retry|hedging): /.test(line));
      assert.deepEqual(
        found.map((line) => line.trim()),
        lines,
      );
    });
  }

  it("whose number another .proto has given to something else are an error, not a crash", () => {
    const sources = {
      "a.proto": `syntax = "proto3"; package a.v1; import "google/protobuf/descriptor.proto";
        extend google.protobuf.MethodOptions { int32 mine = 7346271; }
        message M {} service S { rpc Do(M) returns (M) { option (mine) = 5; } }`,
    };
    assert.equal(
      generationError(sources),
      "a.proto: option (godwit.method) of method a.v1.S.Do cannot be read: expected field 7346271 of google.protobuf.MethodOptions to be that of godwit/options.proto",
    );
  });

  it("show the timeout in the comment of the client's method", () => {
    const stub = generate(sourcesOf(`${safe}option (godwit.method).timeout_ms = 1500;`), "target=dts");
    assert.match(
      stub.get("a_godwit.d.ts") ?? "",
      / \* NO_SIDE_EFFECTS: safe to retry and to hedge\.\n {3}\*\n {3}\* Default timeout: 1500 ms\.\n/,
    );
  });

  const retry = (fields: string) => `${safe}option (godwit.method) = { retry: { ${fields} } };`;
  const hedging = (fields: string) => `${safe}option (godwit.method) = { hedging: { ${fields} } };`;
  const positive = "expected a number above 0";
  const wrong: readonly [method: string, path: string, problem: string][] = [
    ["option (godwit.method).timeout_ms = 0;", "timeout_ms", `is 0: ${positive}`],
    ["option (godwit.method).timeout_ms = -1;", "timeout_ms", `is -1: ${positive}`],
    ["option (godwit.method).timeout_ms = inf;", "timeout_ms", `is Infinity: ${positive}`],
    ["option (godwit.method).timeout_ms = nan;", "timeout_ms", `is NaN: ${positive}`],
    ["option (godwit.method).at_most_once = false;", "at_most_once", "is false: expected true, or nothing"],
    [
      retry("max_attempts: 1"),
      "retry.max_attempts",
      "is 1: expected a whole number of 2 or more, the first attempt among them",
    ],
    [retry("initial_backoff_ms: 0"), "retry.initial_backoff_ms", `is 0: ${positive}`],
    [retry("max_backoff_ms: -5"), "retry.max_backoff_ms", `is -5: ${positive}`],
    [retry("backoff_multiplier: nan"), "retry.backoff_multiplier", `is NaN: ${positive}`],
    [
      retry("retryable_status_codes: [UNAVAILABLE, OK]"),
      "retry.retryable_status_codes",
      "has OK: expected codes of calls that failed",
    ],
    [
      hedging("max_attempts: 0"),
      "hedging.max_attempts",
      "is 0: expected a whole number of 2 or more, the first attempt among them",
    ],
    [hedging("delay_ms: -1"), "hedging.delay_ms", "is -1: expected a number of 0 or more"],
    [hedging("delay_percentile: 1"), "hedging.delay_percentile", "is 1: expected a number above 0 and below 1"],
    [hedging("max_extra_load: 0"), "hedging.max_extra_load", `is 0: ${positive}`],
    [
      hedging("non_fatal_status_codes: OK"),
      "hedging.non_fatal_status_codes",
      "has OK: expected codes of calls that failed",
    ],
    [
      "option idempotency_level = IDEMPOTENT; option (godwit.method) = { hedging: {} };",
      "hedging",
      "cannot be: expected idempotency_level NO_SIDE_EFFECTS, or unsafe: true",
    ],
  ];
  for (const [method, path, problem] of wrong) {
    it(`that are wrong are an error with file, method and field: ${path} ${problem}`, () => {
      assert.equal(
        generationError(sourcesOf(method)),
        `a.proto: option (godwit.method).${path} of method a.v1.S.Do ${problem}`,
      );
    });
  }

  it("that would send a stream of requests several times are an error, even where they are called unsafe", () => {
    const method = "option (godwit.method) = { hedging: { unsafe: true } };";
    assert.equal(
      generationError(sourcesOf(method, "rpc Do(stream M) returns (M)")),
      "a.proto: option (godwit.method).hedging of method a.v1.S.Do cannot be: its requests are streams, which would be sent several times",
    );
  });
});

describe("the lint delivery/unsafe-retry", () => {
  const unsafe = sourcesOf("option (godwit.method) = { retry: {} };");
  const sentence =
    "a.proto: method a.v1.S.Do has a retry policy and no idempotency_level, so its handler may run twice for one call: expected IDEMPOTENT or NO_SIDE_EFFECTS (delivery/unsafe-retry; lint=off is silent)";

  function warnings(sources: Record<string, string>, parameter: string): string[] {
    const told: string[] = [];
    const plugin = createProtocGenGodwit((text) => told.push(text));
    assert.ok(contents(plugin.run(request(compileSources(sources), parameter))).size > 0);
    return told;
  }

  it("warns once, whatever the targets", () => assert.deepEqual(warnings(unsafe, "target=ts+js+dts"), [sentence]));

  it("warns again in the next run", () => {
    const told: string[] = [];
    const plugin = createProtocGenGodwit((text) => told.push(text));
    for (let run = 0; run < 2; run++) plugin.run(request(compileSources(unsafe), "target=ts"));
    assert.equal(told.length, 2);
  });

  it("is silent with lint=off", () => assert.deepEqual(warnings(unsafe, "target=ts,lint=off"), []));

  it("is an error with lint=error", () => assert.equal(generationError(unsafe, "target=ts,lint=error"), sentence));

  const harmless = [
    `${safe}option (godwit.method) = { retry: {} };`,
    "option idempotency_level = IDEMPOTENT; option (godwit.method) = { retry: {} };",
    "option (godwit.method).at_most_once = true;",
    "option (godwit.method).timeout_ms = 5;",
    "",
  ];
  for (const method of harmless) {
    it(`has nothing against ${method === "" ? "a method without options" : method}`, () =>
      assert.deepEqual(warnings(sourcesOf(method), "target=ts"), []));
  }
});
