import assert from "node:assert/strict";
import { context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { grpcTraceBinPropagator } from "../../src/opentelemetry/grpc-trace-bin.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { StatusError } from "../../src/rpc/status-error.js";
import { TelemetryPair } from "./telemetry-pair.js";

function named(spans: readonly ReadableSpan[], prefix: string): ReadableSpan[] {
  return spans.filter(({ name }) => name.startsWith(`${prefix}.`));
}

function only(spans: readonly ReadableSpan[], prefix: string): ReadableSpan {
  const [span, ...more] = named(spans, prefix);
  assert.ok(span !== undefined && more.length === 0, `${prefix}: ${spans.map(({ name }) => name).join(", ")}`);
  return span;
}

const parentOf = (span: ReadableSpan) => span.parentSpanContext?.spanId;
const idOf = (span: ReadableSpan) => span.spanContext().spanId;

describe("OpenTelemetry traces (gRFC A72)", () => {
  it("are a call's span, its attempt's, and the server's, each inside the one before", async () => {
    const telemetry = await TelemetryPair.open(() => ({ unary: ({ payload }) => ({ payload }) }));
    await telemetry.after(10, telemetry.echo.unary({ payload: new Uint8Array(3) }));
    const { spans } = telemetry.sdk;
    const [sent, attempt, received] = [only(spans, "Sent"), only(spans, "Attempt"), only(spans, "Recv")];
    assert.deepEqual(
      spans.map(({ name }) => name),
      ["Recv", "Attempt", "Sent"].map((prefix) => `${prefix}.godwit.testing.v1.EchoService.Unary`),
    );
    assert.deepEqual([parentOf(sent), parentOf(attempt), parentOf(received)], [undefined, idOf(sent), idOf(attempt)]);
    assert.equal(new Set(spans.map((span) => span.spanContext().traceId)).size, 1);
    assert.deepEqual([attempt.kind, received.kind], [SpanKind.CLIENT, SpanKind.SERVER]);
    assert.deepEqual(attempt.attributes, {
      "rpc.system": "grpc",
      "rpc.service": "godwit.testing.v1.EchoService",
      "rpc.method": "Unary",
      "previous-rpc-attempts": 0,
      "transparent-retry": false,
      "rpc.grpc.status_code": 0,
    });
    assert.deepEqual(
      attempt.events.map(({ name, attributes }) => [name, attributes]),
      [
        ["Outbound message", { "sequence-number": 0, "message-size": 5 }],
        ["Inbound message", { "sequence-number": 0, "message-size": 5 }],
      ],
    );
    assert.equal(sent.status.code, SpanStatusCode.OK);
    await telemetry.close();
  });

  it("tell a compressed message's both sizes", async () => {
    const telemetry = await TelemetryPair.open(() => ({ unary: () => ({}) }));
    await telemetry.after(10, telemetry.echo.unary({ payload: new Uint8Array(1000) }, { compression: "gzip" }));
    const [message] = only(telemetry.sdk.spans, "Attempt").events;
    const compressed = message?.attributes?.["message-size-compressed"] as number;
    assert.equal(message?.attributes?.["message-size-uncompressed"], 1003);
    assert.ok(compressed > 0 && compressed < 100, String(compressed));
    await telemetry.close();
  });

  it("have a span for each attempt, and say how each ended", async () => {
    let failures = 1;
    const telemetry = await TelemetryPair.open(() => ({
      unary: () => {
        if (failures-- > 0) throw new StatusError(StatusCode.UNAVAILABLE, "not now");
        return {};
      },
    }));
    const retry = { maxAttempts: 2, retryableStatusCodes: [StatusCode.UNAVAILABLE] };
    await telemetry.after(5000, telemetry.echo.unary({}, { retry }));
    const { spans } = telemetry.sdk;
    const attempts = named(spans, "Attempt");
    assert.deepEqual(
      attempts.map(({ attributes, status }) => [attributes["previous-rpc-attempts"], status]),
      [
        [0, { code: SpanStatusCode.ERROR, message: "UNAVAILABLE: not now" }],
        [1, { code: SpanStatusCode.OK }],
      ],
    );
    const sent = only(spans, "Sent");
    assert.deepEqual(attempts.map(parentOf), [idOf(sent), idOf(sent)]);
    assert.deepEqual(named(spans, "Recv").map(parentOf), attempts.map(idOf));
    await telemetry.close();
  });

  it("go on to what a handler calls with its context", async () => {
    const telemetry = await TelemetryPair.open((pair) => ({
      unary: async ({ id }, handlerContext) =>
        id === "outer" ? pair().echo.unary({ id: "inner" }, { context: handlerContext }) : { id },
    }));
    await telemetry.after(20, telemetry.echo.unary({ id: "outer" }));
    const { spans } = telemetry.sdk;
    const received = named(spans, "Recv");
    const inner = named(spans, "Sent").find((span) => parentOf(span) !== undefined);
    assert.ok(inner !== undefined);
    assert.ok(received.some((span) => idOf(span) === parentOf(inner)));
    assert.equal(new Set(spans.map((span) => span.spanContext().traceId)).size, 1);
    await telemetry.close();
  });

  it("go on in OpenCensus's header where that is wanted", async () => {
    const seen: unknown[] = [];
    const telemetry = await TelemetryPair.open(
      () => ({
        unary: (_request, { metadata }) => {
          seen.push(metadata.get("grpc-trace-bin"), metadata.get("traceparent"));
          return {};
        },
      }),
      { propagator: grpcTraceBinPropagator },
    );
    await telemetry.after(10, telemetry.echo.unary({}));
    const { spans } = telemetry.sdk;
    const attempt = only(spans, "Attempt").spanContext();
    const [binary, text] = seen;
    assert.equal(Buffer.from(binary as Uint8Array).toString("hex"), `0000${attempt.traceId}01${attempt.spanId}0201`);
    assert.equal(text, undefined);
    assert.equal(parentOf(only(spans, "Recv")), attempt.spanId);
    await telemetry.close();
  });

  it("go on by themselves where the application asks for it", async () => {
    const manager = new AsyncLocalStorageContextManager().enable();
    context.setGlobalContextManager(manager);
    try {
      const telemetry = await TelemetryPair.open(
        (pair) => ({
          unary: async ({ id }) => {
            await Promise.resolve();
            if (id !== "outer") return { id };
            const own = telemetry.sdk.tracerProvider.getTracer("app").startSpan("own");
            own.end();
            return pair().echo.unary({ id: "inner" });
          },
        }),
        { asyncContext: true },
      );
      await telemetry.after(20, telemetry.echo.unary({ id: "outer" }));
      const { spans } = telemetry.sdk;
      assert.equal(new Set(spans.map((span) => span.spanContext().traceId)).size, 1);
      const outer = named(spans, "Recv").at(-1);
      const own = spans.find(({ name }) => name === "own");
      assert.ok(outer !== undefined && own !== undefined);
      assert.equal(parentOf(own), idOf(outer));
      await telemetry.close();
    } finally {
      manager.disable();
      context.disable();
    }
  });

  it("begin in the span that is active where the call is made", async () => {
    const manager = new AsyncLocalStorageContextManager().enable();
    context.setGlobalContextManager(manager);
    try {
      const telemetry = await TelemetryPair.open(() => ({ unary: () => ({}) }));
      const own = telemetry.sdk.tracerProvider.getTracer("app").startSpan("own");
      const call = context.with(trace.setSpan(context.active(), own), () => telemetry.echo.unary({}));
      await telemetry.after(10, call);
      own.end();
      assert.equal(parentOf(only(telemetry.sdk.spans, "Sent")), own.spanContext().spanId);
      await telemetry.close();
    } finally {
      manager.disable();
      context.disable();
    }
  });
});
