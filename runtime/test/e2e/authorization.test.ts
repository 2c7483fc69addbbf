import assert from "node:assert/strict";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AuditEvent, type AuthorizationPolicyInit, createServer, StatusCode, StatusError } from "godwit";
import { EchoService } from "../gen/godwit/testing/v1/echo_godwit.js";
import { describeFrame, frames } from "../support/frames.js";
import { checkRejections } from "../support/unhandled-rejections.js";
import { collect, echoHandlers, openLoopback } from "./loopback.js";
import { RawClient } from "./raw-client.js";
import { hello, message, RawPeer, request, service, unary } from "./raw-peer.js";

const allowAll = { name: "all" };

function policyOf(...paths: string[]): AuthorizationPolicyInit {
  return { name: paths.join(), allow_rules: [{ name: "r", request: { paths } }] };
}

async function codeOf(call: Promise<unknown>): Promise<StatusCode> {
  try {
    await call;
    return StatusCode.OK;
  } catch (error) {
    assert.ok(error instanceof StatusError, String(error));
    return error.code;
  }
}

describe("e2e: authorization", () => {
  checkRejections();

  it("lets the calls through that its policy allows, of all four kinds", async () => {
    const authorization = { policy: policyOf(`${service}Unary`, "*/ServerStream") };
    await using loopback = await openLoopback({ server: { authorization } });
    const { echo } = loopback;
    assert.equal((await echo.unary({ id: "a" })).id, "a");
    assert.equal((await collect(echo.serverStream({ count: 3 }))).length, 3);
    assert.equal(await codeOf(echo.clientStream([])), StatusCode.PERMISSION_DENIED);
    await assert.rejects(collect(echo.bidi([{ index: 1 }])), {
      code: StatusCode.PERMISSION_DENIED,
      statusMessage: "unauthorized RPC request rejected",
    });
  });

  it("no way to write a path goes past a rule that denies it", async () => {
    const started: string[] = [];
    const denied = `${service}Unary`;
    const policy = {
      name: "p",
      allow_rules: [allowAll],
      deny_rules: [{ name: "no unary", request: { paths: [denied] } }],
    };
    await using loopback = await openLoopback({
      server: { authorization: { policy } },
      handlers: {
        unary: ({ id }) => {
          started.push(id);
          return {};
        },
      },
    });
    const ways = [
      ...[denied, denied.slice(1), `/${denied}`, `${denied}/`, `${denied}?x=1`, `${denied}#x`, `http://h${denied}`],
      ...[denied.toLowerCase(), denied.toUpperCase(), denied.replace("/Unary", "%2fUnary"), denied.replace("U", "%55")],
      ...[
        denied.replace("/Unary", "//Unary"),
        denied.replace("/Unary", "/./Unary"),
        `/x/..${denied}`,
        `${denied} `,
        `${denied}%00`,
      ],
    ];
    const peer = await RawPeer.connect(loopback.port);
    peer.send(...hello, ...ways.flatMap((path, i) => unary(2 * i + 1, path)));
    await peer.until(new RegExp(`(HEADERS|RST_STREAM) ${2 * ways.length - 1}`));
    const answers = peer.frames.map(describeFrame).filter((text) => text.startsWith("DATA"));
    assert.deepEqual(answers, []);
    assert.deepEqual(started, []);
    peer.destroy();
    assert.equal((await collect(loopback.echo.serverStream({ count: 1 }))).length, 1);
  });

  it("tells strangers of neither services nor methods that there are, or are not", async () => {
    const authorization = { policy: policyOf(`${service}Unary`) };
    await using loopback = await openLoopback({ server: { authorization } });
    await using raw = new RawClient(loopback.port);
    for (const path of ["/bank.v1.Bank/Pay", `${service}Nothing`]) {
      const { headers } = await raw.call(path, message());
      assert.equal(headers["grpc-status"], String(StatusCode.UNIMPLEMENTED));
      assert.equal(headers["grpc-message"], "this server has no such method");
    }
  });

  it("takes several fields of a name for one with commas, and compares user-agent and content-type as they came", async () => {
    const events: AuditEvent[] = [];
    const policy = {
      name: "headers",
      allow_rules: [
        { name: "admin", request: { headers: [{ key: "Role", values: ["admin"] }] } },
        { name: "json", request: { headers: [{ key: "content-type", values: ["*+json"] }] } },
      ],
      deny_rules: [{ name: "curl", request: { headers: [{ key: "user-agent", values: ["curl/*"] }] } }],
      audit_logging_options: { audit_condition: "ON_DENY_AND_ALLOW", audit_loggers: [{ name: "recorder" }] },
    } as const;
    const logger = { log: (event: AuditEvent) => void events.push(event) };
    const auditLoggers = [{ name: "recorder", create: () => ({ value: logger }) }];
    await using loopback = await openLoopback({ server: { authorization: { policy, auditLoggers } } });
    await using raw = new RawClient(loopback.port);
    const ask = async (headers: Record<string, string | string[]>) => {
      const { headers: head, trailers } = await raw.call(
        `${service}Unary`,
        message(),
        headers as Record<string, string>,
      );
      return Number(trailers?.["grpc-status"] ?? head["grpc-status"]);
    };
    assert.equal(await ask({ role: "admin" }), StatusCode.OK);
    assert.equal(await ask({ role: ["admin", "user"] }), StatusCode.PERMISSION_DENIED);
    assert.equal(await ask({ role: "Admin" }), StatusCode.PERMISSION_DENIED);
    assert.equal(await ask({ role: "admin", "user-agent": "curl/8" }), StatusCode.PERMISSION_DENIED);
    assert.equal(await ask({ role: "admin", "user-agent": "CURL/8" }), StatusCode.OK);
    assert.deepEqual(
      events.map(({ authorized, matchedRule }) => `${authorized} ${matchedRule}`),
      ["true admin", "false ", "false ", "false curl", "true admin"],
    );
  });

  it("holds a call whose caller has to be asked about, with all that its client says", async () => {
    let asked = 0;
    await using loopback = await openLoopback({
      server: {
        authenticate: async ({ metadata, signal }) => {
          asked++;
          await new Promise((resolve) => setImmediate(resolve));
          signal.throwIfAborted();
          const name = metadata.get("authorization");
          if (typeof name !== "string") throw new StatusError(StatusCode.UNAUTHENTICATED, "no token");
          return { name };
        },
      },
      handlers: { unary: (_request, { principal }) => ({ id: principal?.name ?? "" }) },
    });
    const { echo } = loopback;
    const metadata = { authorization: "ada" };
    assert.equal((await echo.unary({}, { metadata })).id, "ada");
    assert.equal((await collect(echo.serverStream({ count: 5 }, { metadata }))).length, 5);
    const requests = Array.from({ length: 50 }, (_, index) => ({ index }));
    assert.equal((await collect(echo.bidi(requests, { metadata }))).length, 50);
    assert.equal((await echo.clientStream([{}, {}], { metadata })).messages, 2);
    assert.equal(await codeOf(echo.unary({})), StatusCode.UNAUTHENTICATED);
    assert.equal(await codeOf(echo.clientStream([{}, {}])), StatusCode.UNAUTHENTICATED);
    assert.equal(asked, 6);
    assert.deepEqual(loopback.errors, []);
  });

  it("reads nothing of what strangers send before it is known who they are", async () => {
    let answer: (error: Error) => void = () => undefined;
    const authenticate = () => new Promise<never>((_, reject) => (answer = reject));
    await using loopback = await openLoopback({ server: { authenticate } });
    const { server, port } = loopback;
    const peer = await RawPeer.connect(port);
    const body = message(Buffer.alloc(16_000, 0xff));
    peer.send(
      ...hello,
      request(1, `${service}Unary`),
      frames.data(1, body),
      frames.data(1, body),
      frames.ping("received"),
    );
    await peer.until(/PING ACK received/);
    assert.equal(
      server.connections()[0]?.unreadBytes,
      2 * body.length,
      "bytes that are no message at all wait as they are",
    );
    answer(new StatusError(StatusCode.UNAUTHENTICATED, "nobody"));
    await peer.until(/HEADERS 1 END_STREAM/);
    assert.equal(server.connections()[0]?.unreadBytes, 0);
    assert.deepEqual(loopback.errors, []);
    peer.destroy();
  });

  describe("with TLS early data (RFC 8470)", () => {
    it("runs only methods without side effects, and asks for the others to be sent again", async () => {
      const started: string[] = [];
      await using loopback = await openLoopback({
        handlers: {
          unary: () => {
            started.push("unary");
            return {};
          },
        },
      });
      await using raw = new RawClient(loopback.port);
      const early = { "early-data": "1" };
      const refused = await raw.call(`${service}Unary`, message(), early);
      assert.deepEqual(
        [":status", "grpc-status", "grpc-retry-pushback-ms", "grpc-message"].map((name) => refused.headers[name]),
        [
          ...[200, String(StatusCode.UNAVAILABLE), "0"],
          `${service}Unary may have effects and came as TLS early data, which can be replayed: send it again after the handshake (RFC 8470)`,
        ],
      );
      assert.deepEqual(started, []);
      const answered = await raw.call(`${service}ServerStream`, message(), early);
      assert.equal(answered.headers["grpc-status"], "0");
      await raw.call(`${service}Unary`, message());
      assert.deepEqual(started, ["unary"]);
    });

    it("tells a client of ours that it may try again at once, which it does where its policy lets it", async () => {
      await using loopback = await openLoopback();
      const call = (retry: false | undefined) => {
        const options = { metadata: { "early-data": "1" }, ...(retry === false && { retry }) };
        return loopback.echo.unary({}, options).catch((error: unknown) => error);
      };
      for (const retry of [false, undefined] as const) {
        const failed = await call(retry);
        assert.ok(failed instanceof StatusError);
        assert.deepEqual([failed.code, failed.retryAfterMs], [StatusCode.UNAVAILABLE, 0]);
        assert.equal((failed.attempts ?? 0) > 1, retry === undefined, `${failed.attempts} attempts`);
      }
    });
  });

  describe("with a policy in a file", () => {
    let folder: string;
    let file: string;

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), "godwit-authz-"));
      file = join(folder, "policy.json");
    });

    afterEach(() => rm(folder, { recursive: true }));

    /** As a deployment does: whoever reads sees the old content or the new. */
    async function replace(content: string): Promise<void> {
      await writeFile(`${file}.new`, content);
      await rename(`${file}.new`, file);
    }

    it("does not start to listen when the policy is broken", async () => {
      const server = createServer({ authorization: { policyFile: file } }).add(EchoService, echoHandlers);
      await assert.rejects(server.listen("127.0.0.1:0"), {
        message: `no call can be authorized: ${file} does not exist`,
      });
      await server.close();
      await replace('{"name":"p"}');
      const second = createServer({ authorization: { policyFile: file } });
      await assert.rejects(second.listen("127.0.0.1:0"), {
        message: `no call can be authorized: ${file} is no valid authorization policy: policy.allow_rules has no rule: expected one at least, for every call would be denied`,
      });
      await second.close();
    });

    it("changes under load without a call that fails, and without a moment in which what is denied is allowed", async function () {
      this.timeout(60_000);
      const rounds = 12;
      const told: number[] = [];
      const auditLoggers = [
        {
          name: "round",
          create: ({ round }: { round?: unknown }) => {
            told.push(Number(round));
            return { value: { log: () => undefined } };
          },
        },
      ];
      const contentOf = (round: number) =>
        JSON.stringify({
          ...policyOf(`${service}Unary`, `${service}ServerStream`),
          audit_logging_options: { audit_loggers: [{ name: "round", config: { round } }] },
        });
      await replace(contentOf(0));
      await using loopback = await openLoopback({ server: { authorization: { policyFile: file, auditLoggers } } });
      const { echo } = loopback;
      let isOver = false;
      const wrong: string[] = [];
      let calls = 0;
      const caller = async (): Promise<void> => {
        while (!isOver) {
          calls += 2;
          const codes = await Promise.all([codeOf(echo.unary({})), codeOf(echo.clientStream([{}]))]);
          if (codes.join() !== `${StatusCode.OK},${StatusCode.PERMISSION_DENIED}`) wrong.push(codes.join());
        }
      };
      const callers = Array.from({ length: 8 }, caller);
      for (let round = 1; round <= rounds; round++) {
        if (round % 3 === 0) await replace('{"name":"half of');
        else await replace(contentOf(round));
        const last = round % 3 === 0 ? undefined : round;
        while (last !== undefined && told.at(-1) !== last) await new Promise((resolve) => setImmediate(resolve));
      }
      isOver = true;
      await Promise.all(callers);
      assert.deepEqual(wrong, []);
      assert.ok(calls > 100, `${calls} calls`);
      assert.deepEqual(told, [0, 1, 2, 4, 5, 7, 8, 10, 11]);
    });
  });
});
