import assert from "node:assert/strict";
import type { Interceptor } from "../../../src/rpc/interceptor.js";
import type { Principal } from "../../../src/rpc/principal.js";
import { StatusCode } from "../../../src/rpc/status-code.js";
import { StatusError } from "../../../src/rpc/status-error.js";
import { Admission } from "../../../src/server/admission/admission.js";
import { createServer } from "../../../src/server/server.js";
import type { ServerOptions } from "../../../src/server/server-options.js";
import { createClient } from "../../../src/stub/client.js";
import { Echo, type EchoClient, type EchoHandlers } from "../../support/echo-service.js";
import { FakePlatform } from "../../support/fake-platform.js";
import { ScriptedInvoker } from "../../support/scripted-invoker.js";
import { checkRejections } from "../../support/unhandled-rejections.js";

const file = "/etc/policy.json";
const onlyUnary = JSON.stringify({
  name: "unary",
  allow_rules: [{ name: "unary", request: { paths: ["/test.v1.Echo/Unary"] } }],
});

describe("server/admission", () => {
  checkRejections();
  let platform: FakePlatform;
  let ran: string[];
  let seen: (Principal | undefined)[];

  beforeEach(() => {
    platform = new FakePlatform();
    ran = [];
    seen = [];
  });

  const handlers: EchoHandlers = {
    unary: (request, { principal }) => {
      ran.push("unary");
      seen.push(principal);
      return request;
    },
    upload: async (requests) => {
      ran.push("upload");
      let value = "";
      for await (const request of requests) value += request.value;
      return { value };
    },
    list: () => [],
    chat: (requests) => requests,
  };

  const interceptor: Interceptor = (next) => (call) => {
    ran.push("interceptor");
    seen.push(call.principal);
    return next(call);
  };

  function serverWith(options: ServerOptions) {
    const server = createServer({ platform, interceptors: [interceptor], onError: () => undefined, ...options });
    server.add(Echo, handlers);
    return server;
  }

  function clientOf(server: ReturnType<typeof serverWith>): EchoClient {
    return createClient(Echo, server.inProcess()) as unknown as EchoClient;
  }

  async function outcome(promise: Promise<unknown>): Promise<string> {
    const settled = promise.then(
      () => "OK",
      (error: StatusError) => `${error.code} ${error.statusMessage}`,
    );
    await platform.settle();
    await platform.advanceAsync(10);
    return settled;
  }

  const denied = `${StatusCode.PERMISSION_DENIED} unauthorized RPC request rejected`;

  it("stands in front of interceptors and handlers, for calls within the process too", async () => {
    const server = serverWith({ authorization: { policy: onlyUnary } });
    const client = clientOf(server);
    assert.equal(await outcome(client.unary({ value: "a" })), "OK");
    assert.deepEqual(ran, ["interceptor", "unary"]);
    assert.equal(await outcome(client.upload([{ value: "a" }])), denied);
    assert.deepEqual(ran, ["interceptor", "unary"]);
    await server.close();
  });

  it("shows interceptors and handler who calls", async () => {
    const ada = { name: "ada", claims: { roles: ["admin"] } };
    const server = serverWith({ authenticate: () => ada });
    assert.equal(await outcome(clientOf(server).unary({})), "OK");
    assert.deepEqual(seen, [ada, ada]);
    await server.close();
  });

  it("knows nobody without an authenticator", async () => {
    const server = serverWith({});
    assert.equal(await outcome(clientOf(server).unary({})), "OK");
    assert.deepEqual(seen, [undefined, undefined]);
    await server.close();
  });

  it("authenticates before it authorizes: whoever is unknown learns nothing of the policy", async () => {
    const server = serverWith({
      authorization: { policy: onlyUnary },
      authenticate: ({ metadata }) => {
        if (metadata.get("authorization") === "Bearer good") return { name: "ada" };
        throw new StatusError(StatusCode.UNAUTHENTICATED, "who are you?");
      },
    });
    const client = clientOf(server);
    const metadata = { authorization: "Bearer good" };
    assert.equal(await outcome(client.upload([])), `${StatusCode.UNAUTHENTICATED} who are you?`);
    assert.equal(await outcome(client.unary({})), `${StatusCode.UNAUTHENTICATED} who are you?`);
    assert.equal(await outcome(client.upload([], { metadata })), denied);
    assert.equal(await outcome(client.unary({}, { metadata })), "OK");
    await server.close();
  });

  it("lets header rules see what the authenticator has made of the token", async () => {
    const policy = {
      name: "roles",
      allow_rules: [{ name: "admins", request: { headers: [{ key: "x-role", values: ["admin"] }] } }],
    };
    const server = serverWith({
      authorization: { policy },
      authenticate: ({ metadata }) => {
        const role = metadata.get("authorization") === "Bearer root" ? "admin" : "user";
        metadata.set("x-role", role);
        return { name: role };
      },
    });
    const client = clientOf(server);
    const forged = { "x-role": "admin", authorization: "Bearer nobody" };
    assert.equal(await outcome(client.unary({}, { metadata: forged })), denied);
    assert.equal(await outcome(client.unary({}, { metadata: { authorization: "Bearer root" } })), "OK");
    await server.close();
  });

  it("lets a call within the process wait for the policy's file", async () => {
    platform.files.write(file, onlyUnary);
    const server = serverWith({ authorization: { policyFile: file } });
    const client = clientOf(server);
    const outcomes = await Promise.all([outcome(client.unary({})), outcome(client.upload([]))]);
    assert.deepEqual(outcomes, ["OK", denied]);
    await server.close();
    assert.equal(platform.files.watches, 0);
  });

  it("denies calls within the process when the file is broken at the start", async () => {
    const server = serverWith({ authorization: { policyFile: file } });
    assert.equal(await outcome(clientOf(server).unary({})), denied);
    assert.deepEqual(ran, []);
    await server.close();
  });

  it("does not listen while there is no policy, and does once there is one", async () => {
    const server = serverWith({ authorization: { policyFile: file } });
    for (const address of ["127.0.0.1:0", "inproc:admission"]) {
      await assert.rejects(server.listen(address), {
        message: "no call can be authorized: /etc/policy.json does not exist",
      });
    }
    platform.files.write(file, onlyUnary);
    await platform.advanceAsync(100);
    assert.equal((await server.listen("127.0.0.1:0")).port > 0, true);
    await server.close();
    assert.equal(platform.files.watches, 0);
  });

  it("does not listen when the server was closed while the file was read", async () => {
    platform.files.write(file, onlyUnary);
    const server = serverWith({ authorization: { policyFile: file } });
    const listening = server.listen("127.0.0.1:0");
    const closing = server.close();
    await assert.rejects(listening, /the server is closed/);
    await closing;
    assert.equal(platform.files.watches, 0);
  });

  it("puts nothing in front of a call where there is nothing to ask", () => {
    const next = new ScriptedInvoker();
    const open = new Admission({}, platform);
    assert.equal(open.inFrontOf(next, assert.fail), next);
    assert.deepEqual([open.isOpen, open.ready()], [true, undefined]);
    for (const options of [{ authenticate: () => ({ name: "ada" }) }, { authorization: { policy: onlyUnary } }]) {
      const guarded = new Admission(options, platform);
      assert.equal(guarded.isOpen, false);
      assert.notEqual(guarded.inFrontOf(next, assert.fail), next);
    }
  });

  it("throws at once for what is not valid", () => {
    assert.throws(() => serverWith({ authorization: { policy: "{" } }), {
      name: "TypeError",
      message: /^authorization is not valid: policy is not JSON: /,
    });
    assert.throws(() => serverWith({ authenticate: "jwt" as never }), {
      name: "TypeError",
      message: "authenticate is a value of type string: expected a function",
    });
  });
});
