import type { AuthorizationRuleInit } from "../../../src/authz/policy-init.js";
import type { OracleCall } from "./oracle-call.js";

/** One policy, calls, and in which way we mean to differ from grpc-go if we do. */
export interface OracleRow {
  readonly title: string;
  /** JSON text. */
  readonly policy: string;
  readonly calls: readonly OracleCall[];
  /** We refuse what grpc-go takes; a part of our sentence. */
  readonly refusedWith?: string;
  /** We decide otherwise; how, and why. */
  readonly decidedAs?: { readonly verdicts: readonly boolean[]; readonly why: string };
}

function policy(allow: readonly AuthorizationRuleInit[], deny?: readonly AuthorizationRuleInit[]): string {
  return JSON.stringify({ name: "p", allow_rules: allow, ...(deny !== undefined && { deny_rules: deny }) });
}

function rule(
  source: AuthorizationRuleInit["source"],
  request?: AuthorizationRuleInit["request"],
): AuthorizationRuleInit {
  return { name: "r", source, request };
}

const path = "/a.S/M";
const get = { path };
const anonymous = { path, tls: true };

function certified(parts: Omit<OracleCall, "path">): OracleCall {
  return { path, tls: true, hasCertificate: true, ...parts };
}

const callers: readonly OracleCall[] = [
  get,
  anonymous,
  certified({ uris: ["spiffe://x/a"], dnsNames: ["a.example"], commonName: "a" }),
  certified({ uris: ["spiffe://x/b", "spiffe://x/a"] }),
  certified({ dnsNames: ["a.example", "b.example"], commonName: "a" }),
  certified({ commonName: "a" }),
  certified({ commonName: "" }),
];

const withHeaders = (...headers: readonly (readonly [string, string])[]): OracleCall => ({ path, headers });

const roles: readonly OracleCall[] = [
  get,
  withHeaders(["role", "admin"]),
  withHeaders(["role", "Admin"]),
  withHeaders(["role", "administrator"]),
  withHeaders(["role", "an admin"]),
  withHeaders(["role", ""]),
  withHeaders(["role", "user"], ["role", "admin"]),
  withHeaders(["role", "admin"], ["role", "user"]),
  withHeaders(["role", "user,admin"]),
  withHeaders(["roles", "admin"]),
  withHeaders(["role", "admin"], ["dev", "x"]),
];

const principalRows = [
  "*",
  "",
  "spiffe://x/a",
  "spiffe://*",
  "*/a",
  "*.example",
  "b.example",
  "CN=a",
  "CN=*",
  "**",
  "A*",
].map(
  (pattern): OracleRow => ({
    title: `principal ${JSON.stringify(pattern)}`,
    policy: policy([rule({ principals: [pattern] })]),
    calls: callers,
  }),
);

const headerRows = ["admin", "admin*", "*admin", "*", "", "user,admin", "**", "*dmi*"].map(
  (pattern): OracleRow => ({
    title: `header value ${JSON.stringify(pattern)}`,
    policy: policy([rule(undefined, { headers: [{ key: "Role", values: [pattern] }] })]),
    calls: roles,
  }),
);

const paths = ["/a.S/M", "/a.S/N", "/a.S/", "/a.s/m", "/b.S/secret", "/b.S/secrets"].map((each) => ({ path: each }));

const pathRows = ["/a.S/M", "/a.S/*", "/*", "*", "*/secret", "*t", "*/M"].map(
  (pattern): OracleRow => ({
    title: `path ${JSON.stringify(pattern)}`,
    policy: policy([rule(undefined, { paths: [pattern] })]),
    calls: paths,
  }),
);

const neverPaths = ["", "a.S/M", "a*", "**", "*/S/*"].map(
  (pattern): OracleRow => ({
    title: `path ${JSON.stringify(pattern)}, which matches none`,
    policy: policy([rule(undefined, { paths: [pattern] })]),
    calls: paths,
    refusedWith: "which no path matches",
  }),
);

const deniedKeys = [
  ":path",
  ":authority",
  "host",
  "Host",
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "te",
  "grpc-timeout",
];

const invalidKeys = deniedKeys.map(
  (key): OracleRow => ({
    title: `header key ${JSON.stringify(key)}`,
    policy: policy([rule(undefined, { headers: [{ key, values: ["a"] }] })]),
    calls: [],
  }),
);

const text = (json: unknown) => JSON.stringify(json);
const allowAll = [{ name: "all" }];

const invalid: readonly (readonly [title: string, policy: string])[] = [
  ["nothing", ""],
  ["no JSON", "{"],
  ["a list", "[]"],
  ["no name", text({ allow_rules: allowAll })],
  ["an empty name", text({ name: "", allow_rules: allowAll })],
  ["no allow rules", text({ name: "p" })],
  ["empty allow rules", text({ name: "p", allow_rules: [] })],
  ["allow rules that are no list", text({ name: "p", allow_rules: {} })],
  ["a field that is not known", text({ name: "p", allow_rules: allowAll, abc: 1 })],
  ["a rule without a name", text({ name: "p", allow_rules: [{}] })],
  ["a deny rule without a name", text({ name: "p", allow_rules: allowAll, deny_rules: [{}] })],
  ["a field of a rule that is not known", text({ name: "p", allow_rules: [{ name: "r", principals: [] }] })],
  ["a field of a source that is not known", text({ name: "p", allow_rules: [{ name: "r", source: { ips: [] } }] })],
  [
    "a field of a request that is not known",
    text({ name: "p", allow_rules: [{ name: "r", request: { methods: [] } }] }),
  ],
  ["principals that are no list", text({ name: "p", allow_rules: [{ name: "r", source: { principals: "*" } }] })],
  ["a principal that is no text", text({ name: "p", allow_rules: [{ name: "r", source: { principals: [1] } }] })],
  ["a header without a key", policy([rule(undefined, { headers: [{ values: ["a"] } as never] })])],
  ["a header without values", policy([rule(undefined, { headers: [{ key: "a" } as never] })])],
  ["a header with no value", policy([rule(undefined, { headers: [{ key: "a", values: [] }] })])],
  [
    "a condition that is not known",
    text({ name: "p", allow_rules: allowAll, audit_logging_options: { audit_condition: "ALL" } }),
  ],
  [
    "a logger without a name",
    text({ name: "p", allow_rules: allowAll, audit_logging_options: { audit_loggers: [{}] } }),
  ],
  [
    "a logger that is not known",
    text({ name: "p", allow_rules: allowAll, audit_logging_options: { audit_loggers: [{ name: "x" }] } }),
  ],
  [
    "a config that is no object",
    text({
      name: "p",
      allow_rules: allowAll,
      audit_logging_options: { audit_loggers: [{ name: "recorder", config: 1 }] },
    }),
  ],
];

const valid: readonly (readonly [title: string, policy: string])[] = [
  ["an empty rule", policy([{ name: "r" }])],
  ["empty parts of a rule", policy([rule({ principals: [] }, { paths: [], headers: [] })])],
  [
    "null for parts of a rule",
    '{"name":"p","allow_rules":[{"name":"r","source":null,"request":null}],"deny_rules":null}',
  ],
  ["a deny rule that is empty", policy([{ name: "r" }], [{ name: "d" }])],
  [
    "a logger that is not known and optional",
    text({
      name: "p",
      allow_rules: allowAll,
      audit_logging_options: { audit_loggers: [{ name: "x", is_optional: true }] },
    }),
  ],
];

const stricter: readonly (readonly [title: string, policy: string, refusedWith: string])[] = [
  ["fields in other letters", '{"Name":"p","ALLOW_RULES":[{"NAME":"r"}]}', "is not a field that is known"],
  ["something behind the policy", `${policy(allowAll)} {}`, "is not JSON"],
  [
    "a key that is there twice",
    '{"name":"p","allow_rules":[{"name":"a"}],"allow_rules":[{"name":"b"}]}',
    "is there twice",
  ],
  [
    "two rules of one name",
    policy([{ name: "r", request: { paths: ["/x/y"] } }, { name: "r" }]),
    "as that of a rule before it",
  ],
  [
    "a header that nobody can have",
    policy([rule(undefined, { headers: [{ key: "a b", values: ["a"] }] })]),
    "no header has another name",
  ],
  ["null for a text", '{"name":"p","allow_rules":[{"name":"r","source":{"principals":[null]}}]}', "expected a text"],
  [
    "a header of the connection",
    policy([rule(undefined, { headers: [{ key: "proxy-connection", values: ["a"] }] })]),
    "headers of the connection",
  ],
  [
    "a -bin pattern that is not base64",
    policy([rule(undefined, { headers: [{ key: "t-bin", values: ["\u0000"] }] })]),
    "base64",
  ],
];

/** The example of gRFC A43. */
const example = text({
  name: "example-policy",
  allow_rules: [
    {
      name: "admin-access",
      source: { principals: ["spiffe://foo.com/sa/admin1", "spiffe://foo.com/sa/admin2"] },
      request: { paths: ["/pkg.service/*"] },
    },
    {
      name: "dev-access",
      source: { principals: ["*", ""] },
      request: {
        paths: ["/pkg.service/foo", "/pkg.service/bar"],
        headers: [{ key: "dev-path", values: ["/dev/path/*"] }],
      },
    },
  ],
  deny_rules: [{ name: "deny-access", request: { paths: ["*/secret"] } }],
});

const exampleCalls: readonly OracleCall[] = ["foo", "bar", "baz", "secret"].flatMap((method) => {
  const from = { path: `/pkg.service/${method}` };
  const tls = { ...from, tls: true };
  const dev = { headers: [["dev-path", "/dev/path/x"]] as const };
  const admin = { hasCertificate: true, uris: ["spiffe://foo.com/sa/admin2"] };
  return [
    from,
    tls,
    { ...tls, ...admin },
    { ...from, ...dev },
    { ...tls, ...dev },
    { ...tls, ...dev, hasCertificate: true, dnsNames: ["x"] },
  ];
});

/** What we and grpc-go are asked alike. */
export const oracleTable: readonly OracleRow[] = [
  { title: "the example of gRFC A43", policy: example, calls: exampleCalls },
  ...principalRows,
  ...headerRows,
  ...pathRows,
  ...neverPaths,
  ...invalidKeys,
  ...invalid.map(([title, json]) => ({ title, policy: json, calls: [get] })),
  ...valid.map(([title, json]) => ({ title, policy: json, calls: [get, anonymous] })),
  ...stricter.map(([title, json, refusedWith]) => ({ title, policy: json, calls: [get], refusedWith })),
  {
    title: "all headers have to match",
    policy: policy([
      rule(undefined, {
        headers: [
          { key: "role", values: ["admin", "user*"] },
          { key: "DEV", values: ["*"] },
        ],
      }),
    ]),
    calls: roles,
  },
  {
    title: "a deny rule before allow rules",
    policy: policy([{ name: "a" }], [rule({ principals: ["spiffe://*"] }, { paths: ["/a.S/*"] })]),
    calls: callers,
  },
  {
    title: "user-agent and content-type",
    policy: policy([
      rule(undefined, {
        headers: [
          { key: "user-agent", values: ["grpc-*"] },
          { key: "content-type", values: ["application/grpc"] },
        ],
      }),
    ]),
    calls: [
      withHeaders(["user-agent", "grpc-go/1"], ["content-type", "application/grpc"]),
      withHeaders(["user-agent", "curl/8"], ["content-type", "application/grpc"]),
      withHeaders(["content-type", "application/grpc"]),
    ],
  },
  {
    title: "values of -bin keys",
    policy: policy([rule(undefined, { headers: [{ key: "t-bin", values: ["AAE"] }] })]),
    calls: [withHeaders(["t-bin", "\u0000\u0001"]), withHeaders(["t-bin", "AAE"])],
    decidedAs: { verdicts: [true, false], why: "gRFC A41 has binary headers compared in their base64 form" },
  },
];
