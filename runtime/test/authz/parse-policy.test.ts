import assert from "node:assert/strict";
import type { AuditLoggerFactory } from "../../src/authz/audit-logger.js";
import type { AuditSettings } from "../../src/authz/audit-settings.js";
import { parsePolicy } from "../../src/authz/parse-policy.js";
import { mulberry32 } from "../wire/mulberry32.js";

const closed: string[] = [];

function factory(name: string, problem?: string): AuditLoggerFactory {
  const logger = { log: () => undefined, close: () => void closed.push(name) };
  return { name, create: () => (problem === undefined ? { value: logger } : { error: problem }) };
}

const throwing: AuditLoggerFactory = {
  name: "throwing",
  create() {
    throw new Error("disk is full");
  },
};

const settings: AuditSettings = {
  factories: new Map([factory("good"), factory("bad", "no folder"), throwing].map((each) => [each.name, each])),
  warn: (message) => assert.fail(message),
};

function problemOf(policy: unknown): string {
  const parsed = parsePolicy(policy, settings);
  return "error" in parsed ? parsed.error : "valid";
}

const allow = { name: "all" };

/** A policy with one allow rule that has these members. */
function withRule(rule: object): object {
  return { name: "p", allow_rules: [{ name: "r", ...rule }] };
}

function withHeader(header: object): object {
  return withRule({ request: { headers: [header] } });
}

function withAudit(options: object): object {
  return { name: "p", allow_rules: [allow], audit_logging_options: options };
}

/** The example of gRFC A43. */
const example = `{
  "name": "example-policy",
  "allow_rules": [
    {
      "name": "admin-access",
      "source": { "principals": ["spiffe://foo.com/sa/admin1", "spiffe://foo.com/sa/admin2"] },
      "request": { "paths": ["/pkg.service/*"] }
    },
    {
      "name": "dev-access",
      "source": { "principals": ["*", ""] },
      "request": {
        "paths": ["/pkg.service/foo", "/pkg.service/bar"],
        "headers": [{ "key": "dev-path", "values": ["/dev/path/*"] }]
      }
    }
  ],
  "deny_rules": [{ "name": "deny-access", "request": { "paths": ["*/secret"] } }]
}`;

describe("authz/parse-policy", () => {
  it("takes what gRFC A43 and A59 describe, as text and as an object", () => {
    const good: unknown[] = [
      example,
      JSON.parse(example),
      { name: "p", allow_rules: [allow] },
      { name: "p", allow_rules: [allow], deny_rules: [], audit_logging_options: {} },
      { name: "p", allow_rules: [allow], deny_rules: [allow] },
      withRule({ source: {}, request: {} }),
      withRule({ source: { principals: [] }, request: { paths: [], headers: [] } }),
      withRule({ source: null, request: null }),
      withRule({ request: { paths: ["*", "*x", "/a/b", "/a*", "/*"] } }),
      withHeader({ key: "X-Role", values: ["", "*", "é*"] }),
      withHeader({ key: "user-agent", values: ["curl*"] }),
      withHeader({ key: "token-bin", values: ["AAEC", "*", "AA*", "*EC", "AA,AQ"] }),
      withAudit({ audit_condition: "NONE" }),
      withAudit({ audit_condition: "ON_DENY", audit_loggers: [{ name: "good", config: { a: 1 } }] }),
      withAudit({ audit_loggers: [{ name: "unknown", is_optional: true }] }),
      withAudit({
        audit_loggers: [
          { name: "bad", is_optional: true },
          { name: "throwing", is_optional: true },
        ],
      }),
    ];
    for (const policy of good) assert.equal(problemOf(policy), "valid", JSON.stringify(policy));
  });

  const bad: readonly (readonly [policy: unknown, problem: string | RegExp])[] = [
    ["", /^policy is not JSON: /],
    ["{", /^policy is not JSON: /],
    [`${example} {}`, /^policy is not JSON: /],
    ["[]", "policy is []: expected an object"],
    ["null", "policy is null: expected an object"],
    [7, "policy is 7: expected an object"],
    [undefined, "policy is undefined: expected an object"],
    [{}, "policy.name is missing: expected a text"],
    [{ name: "", allow_rules: [allow] }, 'policy.name is "": expected a text'],
    [{ name: 1, allow_rules: [allow] }, "policy.name is 1: expected a text"],
    [{ name: "p" }, "policy.allow_rules has no rule: expected one at least, for every call would be denied"],
    [
      { name: "p", allow_rules: [] },
      "policy.allow_rules has no rule: expected one at least, for every call would be denied",
    ],
    [{ name: "p", allow_rules: {} }, "policy.allow_rules is {}: expected a list of rules"],
    [{ name: "p", allow_rules: [allow], deny_rules: "x" }, 'policy.deny_rules is "x": expected a list of rules'],
    [{ name: "p", allow_rules: [7] }, "policy.allow_rules[0] is 7: expected an object"],
    [
      { name: "p", allow_rules: [allow], log_rules: [] },
      "policy.log_rules is not a field that is known: expected one of name, deny_rules, allow_rules, audit_logging_options",
    ],
    [
      { Name: "p", allow_rules: [allow] },
      "policy.Name is not a field that is known: expected one of name, deny_rules, allow_rules, audit_logging_options",
    ],
    [
      '{"name":"p","allow_rules":[{"name":"a"}],"__proto__":{}}',
      "policy.__proto__ is not a field that is known: expected one of name, deny_rules, allow_rules, audit_logging_options",
    ],
    [
      '{"name":"p","allow_rules":[{"name":"a"}],"allow_rules":[{"name":"b"}]}',
      "policy.allow_rules is there twice: expected it once",
    ],
    [{ name: "p", allow_rules: [{}] }, "policy.allow_rules[0].name is missing: expected a text"],
    [
      { name: "p", allow_rules: [allow, allow] },
      'policy.allow_rules[1].name is "all", as that of a rule before it: expected another',
    ],
    [
      { name: "p", allow_rules: [allow], deny_rules: [{ name: "d" }, { name: "e" }, { name: "d" }] },
      'policy.deny_rules[2].name is "d", as that of a rule before it: expected another',
    ],
    [
      withRule({ when: 1 }),
      "policy.allow_rules[0].when is not a field that is known: expected one of name, source, request",
    ],
    [withRule({ source: [] }), "policy.allow_rules[0].source is []: expected an object"],
    [
      withRule({ source: { ips: [] } }),
      "policy.allow_rules[0].source.ips is not a field that is known: expected one of principals",
    ],
    [
      withRule({ source: { principals: "*" } }),
      'policy.allow_rules[0].source.principals is "*": expected a list of texts',
    ],
    [
      withRule({ source: { principals: ["a", null] } }),
      "policy.allow_rules[0].source.principals[1] is null: expected a text",
    ],
    [
      withRule({ request: { methods: [] } }),
      "policy.allow_rules[0].request.methods is not a field that is known: expected one of paths, headers",
    ],
    [withRule({ request: { paths: [1] } }), "policy.allow_rules[0].request.paths[0] is 1: expected a text"],
    ...["", "pkg.Service/Method", "pkg*", "**", "*/secret/*"].map(
      (path) =>
        [
          withRule({ request: { paths: ["/ok/ok", path] } }),
          `policy.allow_rules[0].request.paths[1] is ${JSON.stringify(path)}, which no path matches: expected "/package.Service/Method", with a star at its end or its beginning at most`,
        ] as const,
    ),
    [withRule({ request: { headers: {} } }), "policy.allow_rules[0].request.headers is {}: expected a list of headers"],
    [
      withHeader({ values: ["a"] }),
      "policy.allow_rules[0].request.headers[0].key is undefined: expected the name of a header",
    ],
    [
      withHeader({ key: "a", values: ["a"], invert: true }),
      "policy.allow_rules[0].request.headers[0].invert is not a field that is known: expected one of key, values",
    ],
    [
      withHeader({ key: "a" }),
      "policy.allow_rules[0].request.headers[0].values is undefined: expected a list of texts",
    ],
    [
      withHeader({ key: "a", values: [] }),
      "policy.allow_rules[0].request.headers[0].values is empty: expected one value at least",
    ],
    ...[":path", ":METHOD", ":"].map(
      (key) =>
        [
          withHeader({ key, values: ["a"] }),
          `policy.allow_rules[0].request.headers[0].key is ${JSON.stringify(key)}: pseudo-headers of HTTP/2 cannot be matched`,
        ] as const,
    ),
    ...["grpc-timeout", "GRPC-foo", "grpc-"].map(
      (key) =>
        [
          withHeader({ key, values: ["a"] }),
          `policy.allow_rules[0].request.headers[0].key is ${JSON.stringify(key)}: headers of gRPC itself cannot be matched`,
        ] as const,
    ),
    ...[
      ...["Host", "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection"],
      ...["TE", "trailer", "transfer-encoding", "upgrade"],
    ].map(
      (key) =>
        [
          withHeader({ key, values: ["a"] }),
          `policy.allow_rules[0].request.headers[0].key is ${JSON.stringify(key)}: headers of the connection cannot be matched`,
        ] as const,
    ),
    ...["", "a b", "é", "a:b", "a\n"].map(
      (key) =>
        [
          withHeader({ key, values: ["a"] }),
          `policy.allow_rules[0].request.headers[0].key is ${JSON.stringify(key)}: expected letters, digits, "-", "_" and "."; no header has another name`,
        ] as const,
    ),
    ...["AA==", "a b", "AA*AA", "**A"].map(
      (value) =>
        [
          withHeader({ key: "T-bin", values: ["*", value] }),
          `policy.allow_rules[0].request.headers[0].values[1] is ${JSON.stringify(value)}: values of "t-bin" are compared in base64 without padding, nothing else matches`,
        ] as const,
    ),
    [
      withAudit({ audit_logger: [] }),
      "policy.audit_logging_options.audit_logger is not a field that is known: expected one of audit_condition, audit_loggers",
    ],
    [
      withAudit({ audit_condition: "ALWAYS" }),
      'policy.audit_logging_options.audit_condition is "ALWAYS": expected one of NONE, ON_DENY, ON_ALLOW, ON_DENY_AND_ALLOW',
    ],
    [
      withAudit({ audit_condition: 3 }),
      "policy.audit_logging_options.audit_condition is 3: expected one of NONE, ON_DENY, ON_ALLOW, ON_DENY_AND_ALLOW",
    ],
    [withAudit({ audit_loggers: {} }), "policy.audit_logging_options.audit_loggers is {}: expected a list of loggers"],
    [
      withAudit({ audit_loggers: [{}] }),
      "policy.audit_logging_options.audit_loggers[0].name is undefined: expected the name of a logger",
    ],
    [
      withAudit({ audit_loggers: [{ name: "unknown" }] }),
      'policy.audit_logging_options.audit_loggers[0].name is "unknown", which nobody has registered: there are good, bad, throwing',
    ],
    [
      withAudit({ audit_loggers: [{ name: "good", config: [] }] }),
      "policy.audit_logging_options.audit_loggers[0].config is []: expected an object",
    ],
    [
      withAudit({ audit_loggers: [{ name: "good", is_optional: "yes" }] }),
      'policy.audit_logging_options.audit_loggers[0].is_optional is "yes": expected true or false',
    ],
    [
      withAudit({ audit_loggers: [{ name: "bad" }] }),
      'policy.audit_logging_options.audit_loggers[0].config is not valid for "bad": no folder',
    ],
    [
      withAudit({ audit_loggers: [{ name: "throwing" }] }),
      'policy.audit_logging_options.audit_loggers[0].config is not valid for "throwing": disk is full',
    ],
  ];

  it("refuses everything else in one sentence that names the path", () => {
    for (const [policy, problem] of bad) {
      const found = problemOf(policy);
      if (typeof problem === "string") assert.equal(found, problem);
      else assert.match(found, problem);
    }
  });

  it("refuses what is nested without an end, however deep, and as an object with a cycle", () => {
    const deep = (open: string, close: string, levels: number) =>
      `{"name":"p","allow_rules":[{"name":"a"}],"x":${open.repeat(levels)}1${close.repeat(levels)}}`;
    const cycle: Record<string, unknown> = { name: "p" };
    cycle["allow_rules"] = [cycle];
    const policies = [100, 5000, 100_000].flatMap((levels) => [deep("[", "]", levels), deep('{"a":', "}", levels)]);
    for (const policy of [...policies, cycle]) {
      assert.match(problemOf(policy), /^policy is (nested more than \d+ levels deep|not JSON: .*)$/);
    }
  });

  it("survives whatever a file may hold", () => {
    const next = mulberry32(17);
    const pick = <T>(of: readonly T[]): T => of[Math.trunc(next() * of.length)] as T;
    const text = JSON.stringify({
      ...JSON.parse(example),
      audit_logging_options: { audit_loggers: [{ name: "good" }] },
    });
    const pieces = [
      '"',
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      "\\",
      "null",
      "1e999",
      '"name"',
      "__proto__",
      "\u0000",
      "é",
      "*",
    ];
    let valid = 0;
    for (let i = 0; i < 20_000; i++) {
      const at = Math.trunc(next() * text.length);
      const to = at + Math.trunc(next() * 6);
      const problem = problemOf(text.slice(0, at) + pick(pieces) + text.slice(to));
      if (problem === "valid") valid++;
      else assert.match(problem, /^policy[ .[]/);
    }
    assert.ok(valid > 0 && valid < 10_000, `${valid} were valid`);
  });

  it("closes the loggers that it has made when another one cannot be", () => {
    closed.length = 0;
    problemOf(withAudit({ audit_loggers: [{ name: "good" }, { name: "bad" }] }));
    assert.deepEqual(closed, ["good"]);
  });

  it("makes no logger for a policy that is not valid otherwise", () => {
    closed.length = 0;
    problemOf({ ...withAudit({ audit_loggers: [{ name: "good" }, { name: "bad" }] }), allow_rules: [] });
    assert.deepEqual(closed, []);
  });
});
