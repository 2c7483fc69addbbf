import {
  type Context,
  isSpanContextValid,
  type SpanContext,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  trace,
} from "@opentelemetry/api";

const key = "grpc-trace-bin";

/** Version 0: field 0 has 16 bytes of trace id, field 1 has 8 of span id, field 2 has one of flags (OpenCensus BinaryEncoding.md). */
const byteLength = 29;

/** The header of OpenCensus, which existing gRPC services may speak (gRFC A72). */
export const grpcTraceBinPropagator: TextMapPropagator<unknown> = {
  inject(context: Context, carrier: unknown, setter: TextMapSetter<unknown>) {
    const span = trace.getSpanContext(context);
    if (span === undefined || !isSpanContextValid(span)) return;
    setter.set(carrier, key, encode(span).toString("base64"));
  },

  extract(context: Context, carrier: unknown, getter: TextMapGetter<unknown>) {
    const value = getter.get(carrier, key);
    const span = typeof value === "string" ? parse(Buffer.from(value, "base64")) : undefined;
    return span === undefined ? context : trace.setSpanContext(context, span);
  },

  fields: () => [key],
};

function encode({ traceId, spanId, traceFlags }: SpanContext): Buffer {
  const bytes = Buffer.alloc(byteLength);
  bytes.write(traceId, 2, "hex");
  bytes[18] = 1;
  bytes.write(spanId, 19, "hex");
  bytes[27] = 2;
  bytes[28] = traceFlags;
  return bytes;
}

/** Fields come in the order of their numbers; the first that is not known ends what can be read. */
function parse(bytes: Buffer): SpanContext | undefined {
  if (bytes.length < 27 || bytes[0] !== 0 || bytes[1] !== 0 || bytes[18] !== 1) return undefined;
  const traceFlags = bytes.length >= byteLength && bytes[27] === 2 ? (bytes[28] as number) : 0;
  const span = {
    traceId: bytes.toString("hex", 2, 18),
    spanId: bytes.toString("hex", 19, 27),
    traceFlags: traceFlags & 1,
    isRemote: true,
  };
  return isSpanContextValid(span) ? span : undefined;
}
