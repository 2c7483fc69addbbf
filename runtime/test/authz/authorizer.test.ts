import assert from "node:assert/strict";
import type { AuditEvent, AuditLoggerFactory } from "../../src/authz/audit-logger.js";
import type { AuthorizationOptions } from "../../src/authz/authorization-options.js";
import { Authorizer } from "../../src/authz/authorizer.js";
import type { AuditCondition, AuthorizationPolicyInit } from "../../src/authz/policy-init.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { FakePlatform } from "../support/fake-platform.js";
import { callOf } from "./sketch-call.js";

const file = "/etc/policy.json";

function allowing(path: string, name = path): AuthorizationPolicyInit {
  return { name, allow_rules: [{ name: `allow ${path}`, request: { paths: [path] } }] };
}

describe("authz/authorizer", () => {
  let platform: FakePlatform;

  beforeEach(() => {
    platform = new FakePlatform();
  });

  const get = callOf({ path: "/shop.Shop/Get" });
  const drop = callOf({ path: "/shop.Shop/Drop" });
  const isAllowed = (authorizer: Authorizer, call = get) => authorizer.check(call) === undefined;

  describe("with a policy that it is given", () => {
    it("allows what the policy allows and says no more of the rest than gRPC does", () => {
      const authorizer = new Authorizer({ policy: allowing("/shop.Shop/Get") }, platform);
      assert.equal(authorizer.isReady, true);
      assert.equal(authorizer.problem, undefined);
      assert.equal(authorizer.check(get), undefined);
      const status = { code: StatusCode.PERMISSION_DENIED, message: "unauthorized RPC request rejected" };
      assert.deepEqual(authorizer.check(drop), status);
      authorizer.close();
    });

    it("throws for options and policies that are not valid", () => {
      const rows: readonly (readonly [options: unknown, message: string])[] = [
        [{}, "authorization has no policy: expected policy or policyFile"],
        [{ policy: "{}", policyFile: "x" }, "authorization has two policies: expected policy or policyFile"],
        [{ policyFile: "" }, 'authorization.policyFile is "": expected the path of a file'],
        [{ policyFile: 7 }, "authorization.policyFile is 7: expected the path of a file"],
        [{ policyfile: "x" }, "authorization.policyfile does not exist; there are: policy, policyFile, auditLoggers"],
        ["policy", "authorization is policy: expected an object"],
        [
          { policy: { name: "p" } },
          "authorization is not valid: policy.allow_rules has no rule: expected one at least, for every call would be denied",
        ],
      ];
      for (const [options, message] of rows) {
        assert.throws(() => new Authorizer(options as AuthorizationOptions, platform), { name: "TypeError", message });
      }
    });
  });

  describe("with a file", () => {
    const openFile = () => new Authorizer({ policyFile: file }, platform);
    const change = async (text: string) => {
      platform.files.write(file, text);
      await platform.advanceAsync(100);
    };

    it("is not ready, and denies, until the file has been read", async () => {
      platform.files.write(file, JSON.stringify(allowing("*")));
      const authorizer = openFile();
      assert.equal(authorizer.isReady, false);
      assert.equal(authorizer.problem, "no policy has been read");
      assert.equal(isAllowed(authorizer), false);
      await authorizer.start();
      assert.equal(authorizer.isReady, true);
      assert.equal(authorizer.problem, undefined);
      assert.equal(isAllowed(authorizer), true);
      authorizer.close();
      assert.equal(platform.files.watches, 0);
    });

    it("reads it once for all that start it", async () => {
      platform.files.write(file, JSON.stringify(allowing("*")));
      const authorizer = openFile();
      await Promise.all([authorizer.start(), authorizer.start()]);
      await authorizer.start();
      assert.deepEqual(
        platform.files.log.filter((entry) => entry.startsWith("read")),
        [`read ${file}`],
      );
      authorizer.close();
    });

    const broken: readonly (readonly [what: string, text: string | undefined, problem: RegExp])[] = [
      ["is not there", undefined, /^\/etc\/policy.json does not exist$/],
      ["is empty", "", /^\/etc\/policy.json is no valid authorization policy: policy is not JSON: /],
      [
        "is half of one",
        '{"name":"p","allow_rules":[{"na',
        /^\/etc\/policy.json is no valid authorization policy: policy is not JSON: /,
      ],
      [
        "has a field too many",
        '{"name":"p","allow_rules":[{"name":"a"}],"x":1}',
        /policy.x is not a field that is known/,
      ],
    ];
    for (const [what, text, problem] of broken) {
      it(`denies every call while there is none because the file ${what}, and follows it afterwards`, async () => {
        if (text !== undefined) platform.files.write(file, text);
        const authorizer = openFile();
        await authorizer.start();
        assert.equal(authorizer.isReady, true);
        assert.match(authorizer.problem ?? "", problem);
        assert.equal(isAllowed(authorizer), false);
        assert.deepEqual(platform.warnings, [], "whoever waits for it hears of it");
        await change(JSON.stringify(allowing("*")));
        assert.equal(authorizer.problem, undefined);
        assert.equal(isAllowed(authorizer), true);
        authorizer.close();
      });
    }

    it("says when it is not UTF-8, or cannot be read", async () => {
      await platform.files.replace(file, Uint8Array.of(0x22, 0xff, 0x22));
      const authorizer = openFile();
      await authorizer.start();
      assert.equal(authorizer.problem, `${file} is not UTF-8`);
      platform.files.failures.set(`read ${file}`, "EACCES");
      await change("{}");
      assert.match(authorizer.problem ?? "", /^cannot read \/etc\/policy.json: /);
      authorizer.close();
    });

    it("takes each change for the calls that come after it", async () => {
      platform.files.write(file, JSON.stringify(allowing("/shop.Shop/Get")));
      const authorizer = openFile();
      await authorizer.start();
      assert.deepEqual([isAllowed(authorizer, get), isAllowed(authorizer, drop)], [true, false]);
      await change(JSON.stringify(allowing("*/Drop")));
      assert.deepEqual([isAllowed(authorizer, get), isAllowed(authorizer, drop)], [false, true]);
      authorizer.close();
    });

    it("keeps the last good one while the file is broken or gone, and says so once for each reason", async () => {
      platform.files.write(file, JSON.stringify(allowing("*", "good")));
      const authorizer = openFile();
      await authorizer.start();
      await change("{");
      await change("{ ");
      platform.files.delete(file);
      await platform.advanceAsync(100);
      platform.files.write(file, "[]");
      await platform.advanceAsync(100);
      assert.equal(isAllowed(authorizer), true);
      assert.equal(authorizer.problem, undefined);
      assert.equal(platform.warnings.length, 4, platform.warnings.join("\n"));
      assert.equal(platform.warnings[2], `${file} does not exist; policy "good" holds on`);
      assert.equal(
        platform.warnings[3],
        `${file} is no valid authorization policy: policy is []: expected an object; policy "good" holds on`,
      );
      platform.files.write(file, "[]");
      await platform.advanceAsync(100);
      assert.equal(platform.warnings.length, 4, "the same again");
      await change(JSON.stringify(allowing("*", "good")));
      await change("[]");
      assert.equal(platform.warnings.length, 5, "broken anew");
      authorizer.close();
    });

    it("reads once for several changes at a time, and again for one that came while it read", async () => {
      platform.files.write(file, JSON.stringify(allowing("*")));
      const authorizer = openFile();
      await authorizer.start();
      platform.files.log.length = 0;
      for (let i = 0; i < 5; i++) platform.files.write(file, JSON.stringify(allowing("*", `p${i}`)));
      await platform.advanceAsync(100);
      assert.deepEqual(platform.files.log, [`read ${file}`]);
      authorizer.close();
    });

    it("does nothing after its close", async () => {
      platform.files.write(file, JSON.stringify(allowing("*")));
      const authorizer = openFile();
      await authorizer.start();
      platform.files.write(file, "{");
      platform.runTurns();
      authorizer.close();
      await platform.advanceAsync(1000);
      assert.deepEqual(platform.warnings, []);
      platform.assertQuiet();
      const early = openFile();
      const started = early.start();
      early.close();
      await started;
      assert.equal(isAllowed(early), false);
      platform.assertQuiet();
    });
  });

  describe("with an audit log", () => {
    let events: AuditEvent[];
    let made: string[];

    beforeEach(() => {
      events = [];
      made = [];
    });

    const recorder: AuditLoggerFactory = {
      name: "recorder",
      create(config) {
        made.push(`create ${JSON.stringify(config)}`);
        return { value: { log: (event) => void events.push(event), close: () => void made.push("close") } };
      },
    };

    function audited(condition: AuditCondition | undefined, ...names: string[]): AuthorizationPolicyInit {
      const audit_loggers = names.map((name) => ({ name, ...(name === "recorder" && { config: { level: 1 } }) }));
      return {
        ...allowing("*/Get", "shop"),
        deny_rules: [{ name: "no admins", request: { paths: ["/admin.Admin/*"] } }],
        audit_logging_options: { audit_condition: condition, audit_loggers },
      };
    }

    const calls = [
      callOf({ path: "/shop.Shop/Get", principals: ["spiffe://x/a", "spiffe://x/b"] }),
      callOf({ path: "/shop.Shop/Drop", principals: [] }),
      callOf({ path: "/admin.Admin/Get" }),
    ];

    const rows: readonly (readonly [AuditCondition | undefined, readonly string[]])[] = [
      [undefined, []],
      ["NONE", []],
      ["ON_DENY", ["/shop.Shop/Drop", "/admin.Admin/Get"]],
      ["ON_ALLOW", ["/shop.Shop/Get"]],
      ["ON_DENY_AND_ALLOW", ["/shop.Shop/Get", "/shop.Shop/Drop", "/admin.Admin/Get"]],
    ];
    for (const [condition, told] of rows) {
      it(`tells once of each decision that ${condition ?? "no condition"} asks for`, () => {
        const authorizer = new Authorizer(
          { policy: audited(condition, "recorder"), auditLoggers: [recorder] },
          platform,
        );
        for (const call of calls) authorizer.check(call);
        assert.deepEqual(
          events.map(({ rpcMethod }) => rpcMethod),
          told,
        );
        authorizer.close();
        assert.deepEqual(made, ['create {"level":1}', "close"]);
      });
    }

    it("tells what gRFC A59 asks for, and who called", () => {
      const policy = audited("ON_DENY_AND_ALLOW", "recorder");
      const authorizer = new Authorizer({ policy, auditLoggers: [recorder] }, platform);
      const caller = { name: "ada" };
      for (const call of calls) authorizer.check({ ...call, principal: caller });
      assert.deepEqual(
        events.map(({ rpcMethod, principal, policyName, matchedRule, authorized }) => [
          ...[rpcMethod, principal, policyName, matchedRule, authorized],
        ]),
        [
          ["/shop.Shop/Get", "spiffe://x/a", "shop", "allow */Get", true],
          ["/shop.Shop/Drop", "", "shop", "", false],
          ["/admin.Admin/Get", "", "shop", "no admins", false],
        ],
      );
      assert.deepEqual(
        events.map((event) => [event.caller, event.peer?.address]),
        calls.map(() => [caller, "ipv4:127.0.0.1:1"]),
      );
    });

    it("prints a line of JSON for each with stdout_logger, at the time of the wall clock", () => {
      const authorizer = new Authorizer({ policy: audited("ON_ALLOW", "stdout_logger") }, platform);
      for (const call of calls) authorizer.check(call);
      assert.equal(platform.printed.length, 1);
      assert.deepEqual(JSON.parse(platform.printed[0] ?? ""), {
        grpc_audit_log: {
          timestamp: new Date(platform.wallClock()).toISOString(),
          rpc_method: "/shop.Shop/Get",
          principal: "spiffe://x/a",
          policy_name: "shop",
          matched_rule: "allow */Get",
          authorized: true,
        },
      });
    });

    it("takes no config for stdout_logger", () => {
      const audit_loggers = [{ name: "stdout_logger", config: { pretty: true } }];
      const policy = { ...allowing("*"), audit_logging_options: { audit_loggers } };
      assert.throws(() => new Authorizer({ policy: policy }, platform), {
        message:
          'authorization is not valid: policy.audit_logging_options.audit_loggers[0].config is not valid for "stdout_logger": config has "pretty": stdout_logger takes none',
      });
    });

    it("decides as before when a logger throws, lets the others hear of it, and warns once", () => {
      const failing: AuditLoggerFactory = {
        name: "failing",
        create: () => ({
          value: {
            log() {
              throw new Error("disk is full");
            },
            close() {
              throw new Error("disk is gone");
            },
          },
        }),
      };
      const policy = audited("ON_DENY_AND_ALLOW", "failing", "recorder");
      const authorizer = new Authorizer({ policy, auditLoggers: [recorder, failing] }, platform);
      assert.deepEqual(
        calls.map((call) => authorizer.check(call)?.code),
        [undefined, StatusCode.PERMISSION_DENIED, StatusCode.PERMISSION_DENIED],
      );
      authorizer.close();
      assert.equal(events.length, 3);
      assert.deepEqual(platform.warnings, [
        'audit logger "failing" failed: disk is full; what it missed is not told again',
      ]);
      assert.equal(made.at(-1), "close");
    });

    it("makes new loggers with a new policy in the file, and closes the old ones", async () => {
      platform.files.write(file, JSON.stringify(audited("ON_ALLOW", "recorder")));
      const authorizer = new Authorizer({ policyFile: file, auditLoggers: [recorder] }, platform);
      await authorizer.start();
      platform.files.write(file, `${JSON.stringify(audited("ON_ALLOW", "recorder"))}\n`);
      await platform.advanceAsync(100);
      assert.deepEqual(made, ['create {"level":1}', 'create {"level":1}', "close"]);
      authorizer.close();
      assert.equal(made.length, 4);
    });
  });
});
