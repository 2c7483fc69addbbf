import assert from "node:assert/strict";
import { createTraceState, ROOT_CONTEXT, type SpanContext, type TextMapPropagator, trace } from "@opentelemetry/api";
import { metadataGetter, metadataSetter } from "../../src/opentelemetry/carrier.js";
import { disconnectError } from "../../src/opentelemetry/disconnect-error.js";
import { grpcTraceBinPropagator } from "../../src/opentelemetry/grpc-trace-bin.js";
import { traceContextPropagator } from "../../src/opentelemetry/trace-context.js";
import { Metadata, type MetadataInit } from "../../src/rpc/metadata.js";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const spanId = "b7ad6b7169203331";

function sent(propagator: TextMapPropagator, span: SpanContext): Metadata {
  const metadata = new Metadata();
  propagator.inject(trace.setSpanContext(ROOT_CONTEXT, span), metadata, metadataSetter);
  return metadata;
}

function received(propagator: TextMapPropagator, metadata: MetadataInit): SpanContext | undefined {
  return trace.getSpanContext(propagator.extract(ROOT_CONTEXT, new Metadata(metadata), metadataGetter));
}

describe("W3C Trace Context", () => {
  it("writes traceparent and tracestate", () => {
    const traceState = createTraceState("a=1,b=2");
    const metadata = sent(traceContextPropagator, { traceId, spanId, traceFlags: 1, traceState });
    assert.equal(metadata.get("traceparent"), `00-${traceId}-${spanId}-01`);
    assert.equal(metadata.get("tracestate"), "a=1,b=2");
  });

  it("reads them, and a later version's", () => {
    const expected = { traceId, spanId, traceFlags: 1, isRemote: true };
    assert.deepEqual(received(traceContextPropagator, { traceparent: `00-${traceId}-${spanId}-01` }), expected);
    assert.deepEqual(received(traceContextPropagator, { traceparent: `01-${traceId}-${spanId}-01-more` }), expected);
    const both = { traceparent: `00-${traceId}-${spanId}-00`, tracestate: "a=1" };
    assert.equal(received(traceContextPropagator, both)?.traceState?.get("a"), "1");
  });

  const wrong = [
    "",
    "00",
    `ff-${traceId}-${spanId}-01`,
    `00-${traceId}-${spanId}-01-more`,
    `00-${"0".repeat(32)}-${spanId}-01`,
    `00-${traceId}-${"0".repeat(16)}-01`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
    `00-${traceId}-${spanId}`,
    "x".repeat(10_000),
  ];
  for (const traceparent of wrong) {
    it(`begins a new trace behind ${JSON.stringify(traceparent.slice(0, 60))}`, () => {
      assert.equal(received(traceContextPropagator, { traceparent }), undefined);
    });
  }

  it("writes nothing without a valid span", () => {
    const metadata = sent(traceContextPropagator, { traceId: "0".repeat(32), spanId, traceFlags: 1 });
    assert.equal(metadata.size, 0);
  });
});

describe("grpc-trace-bin", () => {
  const whole = Buffer.from(`0000${traceId}01${spanId}0201`, "hex");

  it("writes 29 bytes, and reads them", () => {
    const span = { traceId, spanId, traceFlags: 1 };
    const value = sent(grpcTraceBinPropagator, span).get("grpc-trace-bin") as Uint8Array;
    assert.deepEqual(Buffer.from(value), whole);
    assert.deepEqual(received(grpcTraceBinPropagator, { "grpc-trace-bin": whole }), { ...span, isRemote: true });
  });

  it("reads one without flags", () => {
    const span = received(grpcTraceBinPropagator, { "grpc-trace-bin": whole.subarray(0, 27) });
    assert.deepEqual(span, { traceId, spanId, traceFlags: 0, isRemote: true });
  });

  it("begins a new trace behind whatever is not one", () => {
    for (let length = 0; length < 27; length++) {
      assert.equal(received(grpcTraceBinPropagator, { "grpc-trace-bin": whole.subarray(0, length) }), undefined);
    }
    for (const index of [0, 1, 18]) {
      const broken = Buffer.from(whole);
      broken[index] = 9;
      assert.equal(received(grpcTraceBinPropagator, { "grpc-trace-bin": broken }), undefined);
    }
    assert.equal(received(grpcTraceBinPropagator, { "grpc-trace-bin": Buffer.alloc(29) }), undefined);
  });
});

describe("why a connection was lost (gRFC A94)", () => {
  const cases: readonly (readonly [string | undefined, string])[] = [
    ["the server is going away (ENHANCE_YOUR_CALM): too_many_pings", "GOAWAY ENHANCE_YOUR_CALM"],
    ["the subchannel was shut down", "subchannel shutdown"],
    ["read ECONNRESET", "connection reset"],
    ["read ETIMEDOUT", "connection timed out"],
    ["write ECONNABORTED", "connection aborted"],
    ["write EPIPE", "socket error"],
    ["who knows", "unknown"],
    [undefined, "unknown"],
  ];
  for (const [reason, label] of cases) {
    it(`${reason} is ${label}`, () => assert.equal(disconnectError(reason), label));
  }
});
