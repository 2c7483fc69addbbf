import assert from "node:assert/strict";
import type { AuthorizationPolicy } from "../../src/authz/authorization-policy.js";
import { parsePolicy } from "../../src/authz/parse-policy.js";
import type { AuthorizationPolicyInit, AuthorizationRuleInit } from "../../src/authz/policy-init.js";
import { mulberry32 } from "../wire/mulberry32.js";
import { naiveDecision } from "./naive-evaluator.js";
import { RandomPolicies } from "./random-policy.js";
import { callOf, type SketchedCall } from "./sketch-call.js";

function compile(policy: AuthorizationPolicyInit | string): AuthorizationPolicy {
  const parsed = parsePolicy(policy, { factories: new Map(), warn: (message) => assert.fail(message) });
  assert.ok("value" in parsed, "error" in parsed ? parsed.error : "");
  return parsed.value;
}

/** The name of the rule that allows a call, `!` in front of one that denies it, empty when none does either. */
function verdict(policy: AuthorizationPolicy, call: SketchedCall): string {
  const { isAuthorized, matchedRule } = policy.decide(callOf(call));
  return isAuthorized || matchedRule === "" ? matchedRule : `!${matchedRule}`;
}

function verdicts(rules: { allow: AuthorizationRuleInit[]; deny?: AuthorizationRuleInit[] }, calls: SketchedCall[]) {
  const policy = compile({ name: "p", allow_rules: rules.allow, deny_rules: rules.deny });
  return calls.map((call) => verdict(policy, call));
}

describe("authz/authorization-policy", () => {
  it("looks at deny rules first, then at allow rules, and denies the rest", () => {
    const policy = compile({
      name: "p",
      allow_rules: [
        { name: "shop", request: { paths: ["/shop.Shop/*"] } },
        { name: "shop too", request: { paths: ["/shop.Shop/*"] } },
      ],
      deny_rules: [
        { name: "no secrets", request: { paths: ["*/Secret"] } },
        { name: "nor deletion", request: { paths: ["/shop.Shop/Delete"] } },
      ],
    });
    const paths = ["/shop.Shop/Get", "/shop.Shop/Secret", "/shop.Shop/Delete", "/bank.Bank/Get", "/bank.Bank/Secret"];
    assert.deepEqual(
      paths.map((path) => verdict(policy, { path })),
      ["shop", "!no secrets", "!nor deletion", "", "!no secrets"],
    );
  });

  it("takes an empty rule for one that matches every call", () => {
    const calls = [{ path: "/a/b" }, { path: "/c/d", principals: ["x"] }];
    assert.deepEqual(verdicts({ allow: [{ name: "all" }] }, calls), ["all", "all"]);
    assert.deepEqual(verdicts({ allow: [{ name: "all", source: {}, request: {} }] }, calls), ["all", "all"]);
    assert.deepEqual(verdicts({ allow: [{ name: "all" }], deny: [{ name: "none" }] }, calls), ["!none", "!none"]);
  });

  it("compares principals with what the certificate proves, and without TLS with nothing", () => {
    const path = "/a/b";
    const calls = [
      { path },
      { path, principals: [] },
      { path, principals: ["spiffe://x/a"] },
      { path, principals: ["a.example", "b.example"] },
    ];
    const rows: readonly (readonly [pattern: string, expected: readonly boolean[]])[] = [
      ["*", [false, false, true, true]],
      ["", [false, true, false, false]],
      ["spiffe://x/a", [false, false, true, false]],
      ["spiffe://*", [false, false, true, false]],
      ["b.example", [false, false, false, true]],
      ["*.example", [false, false, false, true]],
      ["A.example", [false, false, false, false]],
    ];
    for (const [pattern, expected] of rows) {
      const allow = [{ name: "r", source: { principals: [pattern] } }];
      assert.deepEqual(
        verdicts({ allow }, calls).map((found) => found === "r"),
        expected,
        pattern,
      );
    }
  });

  it("takes a unix socket and the own process for peers that prove nothing", () => {
    const policy = compile({ name: "p", allow_rules: [{ name: "r", source: { principals: ["*", ""] } }] });
    const local = { ...callOf({ path: "/a/b" }), peer: { address: "unix:/run/x", security: "local" } as const };
    assert.deepEqual(policy.decide(local), { isAuthorized: false, matchedRule: "" });
    const { peer: _, ...unknown } = local;
    assert.deepEqual(policy.decide(unknown), { isAuthorized: false, matchedRule: "" });
  });

  it("wants all headers and one value of each, keys in any case", () => {
    const headers = [
      { key: "Role", values: ["admin", "root*"] },
      { key: "dev-path", values: ["/dev/*"] },
    ];
    const path = "/a/b";
    const calls: SketchedCall[] = [
      {
        path,
        headers: [
          ["role", "admin"],
          ["dev-path", "/dev/x"],
        ],
      },
      {
        path,
        headers: [
          ["dev-path", "/dev/"],
          ["role", "rooted"],
        ],
      },
      { path, headers: [["role", "admin"]] },
      {
        path,
        headers: [
          ["role", "Admin"],
          ["dev-path", "/dev/x"],
        ],
      },
      { path },
    ];
    assert.deepEqual(verdicts({ allow: [{ name: "r", request: { headers } }] }, calls), ["r", "r", "", "", ""]);
  });

  it("joins the values of a key with commas, in their order", () => {
    const path = "/a/b";
    const duplicates: SketchedCall = {
      path,
      headers: [
        ["role", "user"],
        ["x", "1"],
        ["role", "admin"],
      ],
    };
    const rows: readonly (readonly [string, boolean])[] = [
      ["user,admin", true],
      ["user*", true],
      ["*admin", true],
      ["*", true],
      ["admin", false],
      ["user", false],
      ["admin,user", false],
    ];
    for (const [value, matches] of rows) {
      const allow = [{ name: "r", request: { headers: [{ key: "role", values: [value] }] } }];
      assert.deepEqual(verdicts({ allow }, [duplicates]), [matches ? "r" : ""], value);
    }
  });

  it("takes an empty value for a header that is there, and not for a presence", () => {
    const calls = [{ path: "/a/b", headers: [["role", ""]] as const }, { path: "/a/b" }];
    const allow = (value: string) => [{ name: "r", request: { headers: [{ key: "role", values: [value] }] } }];
    assert.deepEqual(verdicts({ allow: allow("") }, calls), ["r", ""]);
    assert.deepEqual(verdicts({ allow: allow("*") }, calls), ["", ""]);
  });

  it("compares -bin values in base64 without padding, whichever way they came", () => {
    const path = "/a/b";
    const calls: SketchedCall[] = [
      { path, headers: [["t-bin", "AA=="]] },
      { path, headers: [["t-bin", "AA"]] },
      {
        path,
        headers: [
          ["t-bin", "AA"],
          ["t-bin", "AQ=="],
        ],
      },
      { path, headers: [["t-bin", ""]] },
    ];
    const allow = (value: string) => [{ name: "r", request: { headers: [{ key: "t-bin", values: [value] }] } }];
    assert.deepEqual(verdicts({ allow: allow("AA") }, calls), ["r", "r", "", ""]);
    assert.deepEqual(verdicts({ allow: allow("AA,AQ") }, calls), ["", "", "r", ""]);
    assert.deepEqual(verdicts({ allow: allow("*") }, calls), ["r", "r", "r", ""]);
  });

  it("compares content-type and user-agent, which are no metadata, with what came", () => {
    const path = "/a/b";
    const calls: SketchedCall[] = [
      {
        path,
        headers: [
          ["user-agent", "grpc-go/1"],
          ["content-type", "application/grpc+json"],
        ],
      },
      { path, headers: [["user-agent", "curl"]] },
      { path },
    ];
    const deny = [{ name: "curl", request: { headers: [{ key: "User-Agent", values: ["curl*"] }] } }];
    const allow = [{ name: "json", request: { headers: [{ key: "content-type", values: ["*+json"] }] } }];
    assert.deepEqual(verdicts({ allow, deny }, calls), ["json", "!curl", ""]);
    const { fields: _, ...within } = callOf({ path });
    assert.equal(compile({ name: "p", allow_rules: allow }).decide(within).isAuthorized, false);
  });

  it("compares bytes: a pattern in UTF-8 matches the same bytes in a field", () => {
    const value = Buffer.from("é", "utf8").toString("latin1");
    const allow = [{ name: "r", request: { headers: [{ key: "name", values: ["é"] }] } }];
    const calls = [
      { path: "/a/b", headers: [["name", value]] as const },
      { path: "/a/b", headers: [["name", "é"]] as const },
    ];
    assert.deepEqual(verdicts({ allow }, calls), ["r", ""]);
  });

  it("decides as gRFC A43 read aloud does, for 30,000 random policies and calls", () => {
    const seed = Number(process.env["GODWIT_SEED"] ?? 43);
    const random = new RandomPolicies(mulberry32(seed));
    let allowed = 0;
    let denied = 0;
    for (let round = 0; round < 3000; round++) {
      const init = random.policy();
      const policy = compile(round % 2 === 0 ? init : JSON.stringify(init));
      for (let i = 0; i < 10; i++) {
        const call = random.call();
        const naive = naiveDecision(init, call);
        const found = policy.decide(callOf(call));
        const about = () => `seed ${seed}: ${JSON.stringify({ init, call })}`;
        assert.deepEqual({ allowed: found.isAuthorized, rule: found.matchedRule }, naive, about());
        if (naive.allowed) allowed++;
        else if (naive.rule !== "") denied++;
      }
    }
    assert.ok(allowed > 3000 && denied > 1500, `${allowed} were allowed and ${denied} denied by a rule`);
  });
});
