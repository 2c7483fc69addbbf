import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { generate } from "./support/compile.js";
import { repositoryRoot } from "./support/paths.js";

const optionsProto = readFileSync(join(repositoryRoot, "proto", "godwit", "options.proto"), "utf8");

/** The stub's client interface for one method, from the comment before it to the method. */
function clientMethod(method: string, options: { service?: string; file?: string } = {}): string {
  const source = `syntax = "proto3"; package a.v1; ${options.file ?? ""}
message M {}
service S { ${options.service ?? ""}

${method}
}`;
  const stub = generate({ "a.proto": source, "godwit/options.proto": optionsProto }).get("a_godwit.ts") ?? "";
  return /export interface SClient \{\n([\s\S]*?)\n\}/.exec(stub)?.[1] ?? "";
}

const signature = "  do(request: MInit, options?: CallOptions): Promise<M>;";

describe("comments", () => {
  it("before and behind a method are its documentation", () => {
    assert.equal(
      clientMethod("// Before.\n//\n//   Indented.   \nrpc Do(M) returns (M); // Behind."),
      `  /**\n   * Before.\n   *\n   *   Indented.\n   *\n   * Behind.\n   *\n   * @generated from rpc a.v1.S.Do\n   */\n${signature}`,
    );
  });

  it("apart from a method are kept, and are no documentation", () => {
    assert.equal(
      clientMethod("// ==== Section ====\n\n// rpc Old(M) returns (M); */\n\n// Before.\nrpc Do(M) returns (M);"),
      `  /*\n   * ==== Section ====\n   */\n\n  /*\n   * rpc Old(M) returns (M); *\\/\n   */\n\n  /**\n   * Before.\n   *\n   * @generated from rpc a.v1.S.Do\n   */\n${signature}`,
    );
  });

  it("in block style lose their stars", () => {
    assert.equal(
      clientMethod("/**\n * Before.\n *\n * More.\n */\nrpc Do(M) returns (M);"),
      `  /**\n   * Before.\n   *\n   * More.\n   *\n   * @generated from rpc a.v1.S.Do\n   */\n${signature}`,
    );
  });

  it("end with what the idempotency level allows", () => {
    const method = (level: string) => `// Before.\nrpc Do(M) returns (M) { option idempotency_level = ${level}; }`;
    const doc = (line: string) =>
      `  /**\n   * Before.\n   *\n${line}   * @generated from rpc a.v1.S.Do\n   */\n${signature}`;
    assert.equal(
      clientMethod(method("NO_SIDE_EFFECTS")),
      doc("   * NO_SIDE_EFFECTS: safe to retry and to hedge.\n   *\n"),
    );
    assert.equal(clientMethod(method("IDEMPOTENT")), doc("   * IDEMPOTENT: safe to retry.\n   *\n"));
    assert.equal(clientMethod(method("IDEMPOTENCY_UNKNOWN")), doc(""));
  });

  describe("tell what godwit/options.proto says of calls", () => {
    const noteOf = (options: string, level = "NO_SIDE_EFFECTS"): string => {
      const file = 'import "godwit/options.proto";';
      const method = `rpc Do(M) returns (M) { option idempotency_level = ${level}; option (godwit.method) = { ${options} }; }`;
      const notes = clientMethod(method, { file })
        .split("\n")
        .map((line) => line.replace(/^ *\/?\*+ ?/, ""));
      return notes
        .slice(
          notes.findIndex((line) => line.startsWith(level)) + 2,
          notes.indexOf("@generated from rpc a.v1.S.Do") - 1,
        )
        .join("\n");
    };

    for (const [options, note] of [
      ["timeout_ms: 500", "Default timeout: 500 ms."],
      ["at_most_once: true", "At most once: sent again only where it is proved that the server has not seen the call."],
      [
        "timeout_ms: 500 at_most_once: true",
        "Default timeout: 500 ms.\nAt most once: sent again only where it is proved that the server has not seen the call.",
      ],
      ["retry: {}", "Retried by default, after UNAVAILABLE."],
      ["retry: { max_attempts: 3 }", "Retried by default, 3 attempts at most, after UNAVAILABLE."],
      ["retry: { retryable_status_codes: ABORTED }", "Retried by default, after ABORTED."],
      [
        "retry: { retryable_status_codes: [ABORTED, INTERNAL, UNAVAILABLE] }",
        "Retried by default, after ABORTED, INTERNAL or UNAVAILABLE.",
      ],
      [
        "hedging: {}",
        "Hedged by default: another attempt starts where there is no answer within the time of 95 % of the calls.",
      ],
      [
        "hedging: { delay_percentile: 0.999 max_attempts: 3 }",
        "Hedged by default, 3 attempts at most: another attempt starts where there is no answer within the time of 99.9 % of the calls.",
      ],
      ["hedging: { delay_ms: 20 }", "Hedged by default: another attempt starts where there is no answer within 20 ms."],
    ] as const) {
      it(options, () => assert.equal(noteOf(options), note));
    }
  });

  it("cannot end the comment that they are printed in", () => {
    const doc = clientMethod("// */ alert(1) /*\n// */\nrpc Do(M) returns (M);");
    assert.equal(
      doc,
      `  /**\n   * *\\/ alert(1) /*\n   * *\\/\n   *\n   * @generated from rpc a.v1.S.Do\n   */\n${signature}`,
    );
  });

  const deprecated = `  /**\n   * @generated from rpc a.v1.S.Do\n   * @deprecated\n   */\n${signature}`;
  const levels: readonly [what: string, doc: () => string][] = [
    ["method", () => clientMethod("rpc Do(M) returns (M) { option deprecated = true; }")],
    ["service", () => clientMethod("rpc Do(M) returns (M);", { service: "option deprecated = true;" })],
    ["file", () => clientMethod("rpc Do(M) returns (M);", { file: "option deprecated = true;" })],
  ];
  for (const [what, doc] of levels) {
    it(`say @deprecated when the ${what} is`, () => {
      assert.equal(doc(), deprecated);
    });
  }
});
