import {
  type Context,
  createTraceState,
  isSpanContextValid,
  type SpanContext,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  trace,
} from "@opentelemetry/api";

/** W3C Trace Context §3.2: version, trace-id, parent-id, flags; a later version may have more behind them. */
const pattern = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;

/** Vendors' entries together (W3C Trace Context §3.3.1.5 asks for 512 at least); what is longer is dropped. */
const maxTraceStateChars = 8192;

/** W3C Trace Context: `traceparent` and `tracestate`. */
export const traceContextPropagator: TextMapPropagator<unknown> = {
  inject(context: Context, carrier: unknown, setter: TextMapSetter<unknown>) {
    const span = trace.getSpanContext(context);
    if (span === undefined || !isSpanContextValid(span)) return;
    const flags = (span.traceFlags & 0xff).toString(16).padStart(2, "0");
    setter.set(carrier, "traceparent", `00-${span.traceId}-${span.spanId}-${flags}`);
    const state = span.traceState?.serialize();
    if (state !== undefined && state !== "") setter.set(carrier, "tracestate", state);
  },

  extract(context: Context, carrier: unknown, getter: TextMapGetter<unknown>) {
    const span = parse(single(getter.get(carrier, "traceparent")), single(getter.get(carrier, "tracestate")));
    return span === undefined ? context : trace.setSpanContext(context, span);
  },

  fields: () => ["traceparent", "tracestate"],
};

function single(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "object" ? value.join(",") : value;
}

function parse(parent: string | undefined, state: string | undefined): SpanContext | undefined {
  const match = pattern.exec(parent ?? "");
  if (match === null) return undefined;
  const [, version = "", traceId = "", spanId = "", flags = "", rest] = match;
  if (version === "ff" || (version === "00" && rest !== undefined)) return undefined;
  const span = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  if (!isSpanContextValid(span)) return undefined;
  if (state === undefined || state === "" || state.length > maxTraceStateChars) return span;
  return { ...span, traceState: createTraceState(state) };
}
