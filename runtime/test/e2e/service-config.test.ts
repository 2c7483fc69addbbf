/** Each field of a method config does what it says, over real sockets. */
import assert from "node:assert/strict";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createChannel, createClient, createServer, insecure, type MethodConfigInit, StatusCode } from "godwit";
import { EchoService } from "../gen/godwit/testing/v1/echo_godwit.js";
import { deferred, echoHandlers, failureOf, type Loopback, openLoopback } from "./loopback.js";

const echo = "godwit.testing.v1.EchoService";

function openWith(config: Omit<MethodConfigInit, "name">, handlers = {}): Promise<Loopback> {
  const name = [{ service: echo }];
  return openLoopback({ handlers, channel: { serviceConfig: { methodConfig: [{ name, ...config }] } } });
}

describe("service config, end to end", () => {
  it("timeout: a call that takes longer ends with DEADLINE_EXCEEDED, and the server knows the deadline", async () => {
    const remaining = deferred<number>();
    const unary = (_request: unknown, context: { timeoutMs(): number; signal: AbortSignal }) => {
      remaining.resolve(context.timeoutMs());
      return new Promise<{ id: string }>((resolve) =>
        context.signal.addEventListener("abort", () => resolve({ id: "" })),
      );
    };
    await using loopback = await openWith({ timeout: "0.25s" }, { unary });
    const error = await failureOf(loopback.echo.unary({}), StatusCode.DEADLINE_EXCEEDED);
    assert.match(error.statusMessage, /^deadline of 250 ms ran out/);
    const timeoutMs = await remaining.promise;
    assert.ok(timeoutMs > 0 && timeoutMs <= 250, `the server was told ${timeoutMs} ms`);
  });

  it("timeout: a fraction is a fraction, not nanoseconds", async () => {
    await using loopback = await openWith({ timeout: "9.5s" });
    assert.equal((await loopback.echo.unary({ id: "7" })).id, "7");
  });

  it("waitForReady: a call waits for a server that is not there yet; one that says false does not", async () => {
    const address = `unix:${join(tmpdir(), `godwit-service-config-${process.pid}.sock`)}`;
    await using channel = createChannel(address, {
      serviceConfig: { methodConfig: [{ name: [{}], waitForReady: true }] },
    });
    const client = createClient(EchoService, channel);
    const waiting = client.unary({ id: "1" });
    await failureOf(client.unary({}, { waitForReady: false }), StatusCode.UNAVAILABLE);
    await using server = createServer().add(EchoService, echoHandlers);
    await server.listen(address);
    assert.equal((await waiting).id, "1");
  });

  it("maxRequestMessageBytes: a larger request is not sent", async () => {
    await using loopback = await openWith({ maxRequestMessageBytes: 100 });
    await loopback.echo.unary({ payload: new Uint8Array(90) });
    const error = await failureOf(loopback.echo.unary({ payload: new Uint8Array(200) }), StatusCode.RESOURCE_EXHAUSTED);
    assert.match(error.statusMessage, /^request message is 20\d bytes, limit 100$/);
  });

  it("maxResponseMessageBytes: a larger response is not taken", async () => {
    await using loopback = await openWith({ maxResponseMessageBytes: 100 });
    await loopback.echo.unary({ responseSize: 90 });
    const error = await failureOf(loopback.echo.unary({ responseSize: 200 }), StatusCode.RESOURCE_EXHAUSTED);
    assert.match(error.statusMessage, /^response message is 20\d bytes, limit 100/);
  });

  it("name: what is said of one method holds for it alone", async () => {
    const methodConfig = [
      { name: [{ service: echo, method: "Unary" }], maxResponseMessageBytes: 10 },
      { name: [{ service: echo }], maxResponseMessageBytes: 1000 },
    ];
    await using loopback = await openLoopback({ channel: { serviceConfig: { methodConfig } } });
    await failureOf(loopback.echo.unary({ responseSize: 100 }), StatusCode.RESOURCE_EXHAUSTED);
    for await (const { payload } of loopback.echo.serverStream({ count: 2, size: 100 })) {
      assert.equal(payload.length, 100);
    }
  });

  it("refuses what is wrong with its path", () => {
    const serviceConfig = {
      methodConfig: [{ name: [{}], retryPolicy: { maxAttempts: 1 } }],
    };
    assert.throws(
      () => createChannel("localhost:1", { credentials: insecure(), serviceConfig: serviceConfig as never }),
      new TypeError(
        "serviceConfig.methodConfig[0].retryPolicy.maxAttempts is 1: expected a whole number of 2 or more, the first attempt among them",
      ),
    );
  });
});
