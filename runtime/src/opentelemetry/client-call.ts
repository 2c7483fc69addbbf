import { type Context, context, ROOT_CONTEXT, type Span, SpanKind, type Tracer, trace } from "@opentelemetry/api";
import {
  type AttemptListener,
  type AttemptStart,
  type ClientCallListener,
  type ClientCallStart,
  type MessageSize,
  Metadata,
  type Status,
} from "../index.js";
import { metadataSetter } from "./carrier.js";
import type { Labels } from "./labels.js";
import { contextOfServerCall } from "./server-call.js";
import type { Settings } from "./settings.js";
import { addReceived, addSent, endSpan, rpcAttributes, spanName } from "./span-events.js";

/** One call of a client: its span, and the metrics of calls. */
export class TelemetryClientCall implements ClientCallListener {
  readonly settings: Settings;
  readonly labels: Labels;
  readonly method: string;
  /** With the call's span in it; undefined where nobody traces. */
  readonly context: Context | undefined;
  readonly #startedAt: number;
  readonly #span: Span | undefined;
  #retries = 0;
  #transparent = 0;
  #hedges = 0;
  #delayMs = 0;

  constructor(settings: Settings, { method, target, parents }: ClientCallStart) {
    this.settings = settings;
    this.method = method.path.slice(1);
    this.labels = settings.labels.of(this.method, settings.targetLabel(target));
    this.#startedAt = settings.now();
    const { tracer } = settings;
    if (tracer === undefined) return;
    const outer = contextOfServerCall(parents) ?? context.active();
    this.#span = startSpan(tracer, "Sent", this.method, outer, {});
    this.context = trace.setSpan(outer, this.#span);
  }

  onResolved(): void {
    this.#span?.addEvent("Delayed name resolution complete");
  }

  onAttempt(attempt: AttemptStart): AttemptListener {
    if (attempt.kind === "retry") this.#retries++;
    else if (attempt.kind === "transparent") this.#transparent++;
    else if (attempt.kind === "hedge") this.#hedges++;
    return new TelemetryAttempt(this, attempt);
  }

  onRetryDelay(waitedMs: number): void {
    this.#delayMs += waitedMs;
  }

  onEnd(status: Status): void {
    const { instruments, now } = this.settings;
    if (instruments !== undefined) {
      instruments.record("grpc.client.call.duration", (now() - this.#startedAt) / 1000, this.labels.ended(status.code));
      const { started } = this.labels;
      if (this.#retries > 0) instruments.record("grpc.client.call.retries", this.#retries, started);
      if (this.#transparent > 0) {
        instruments.record("grpc.client.call.transparent_retries", this.#transparent, started);
      }
      if (this.#hedges > 0) instruments.record("grpc.client.call.hedges", this.#hedges, started);
      if (this.#delayMs > 0) instruments.record("grpc.client.call.retry_delay", this.#delayMs / 1000, started);
    }
    if (this.#span !== undefined) endSpan(this.#span, status);
  }
}

/** One attempt of it. */
class TelemetryAttempt implements AttemptListener {
  readonly #call: TelemetryClientCall;
  readonly #startedAt: number;
  readonly #span: Span | undefined;
  #sentBytes = 0;
  #receivedBytes = 0;

  constructor(call: TelemetryClientCall, { kind, previousAttempts }: AttemptStart) {
    this.#call = call;
    const { settings, labels, method } = call;
    this.#startedAt = settings.now();
    settings.instruments?.add("grpc.client.attempt.started", 1, labels.started);
    if (settings.tracer === undefined || call.context === undefined) return;
    const attributes = { "previous-rpc-attempts": previousAttempts, "transparent-retry": kind === "transparent" };
    this.#span = startSpan(settings.tracer, "Attempt", method, call.context, attributes);
  }

  metadata(): Metadata | undefined {
    if (this.#span === undefined) return undefined;
    const metadata = new Metadata();
    const outer = trace.setSpan(this.#call.context ?? ROOT_CONTEXT, this.#span);
    this.#call.settings.propagator.inject(outer, metadata, metadataSetter);
    return metadata;
  }

  onPicked(): void {
    this.#span?.addEvent("Delayed LB pick complete");
  }

  onMessageSent(message: MessageSize): void {
    this.#sentBytes += message.wireBytes;
    if (this.#span?.isRecording() === true) addSent(this.#span, message);
  }

  onMessageReceived(message: MessageSize): void {
    this.#receivedBytes += message.wireBytes;
    if (this.#span?.isRecording() === true) addReceived(this.#span, message);
  }

  onEnd(status: Status): void {
    const { settings, labels } = this.#call;
    const { instruments } = settings;
    if (instruments !== undefined) {
      const ended = labels.ended(status.code);
      instruments.record("grpc.client.attempt.duration", (settings.now() - this.#startedAt) / 1000, ended);
      instruments.record("grpc.client.attempt.sent_total_compressed_message_size", this.#sentBytes, ended);
      instruments.record("grpc.client.attempt.rcvd_total_compressed_message_size", this.#receivedBytes, ended);
    }
    if (this.#span !== undefined) endSpan(this.#span, status);
  }
}

function startSpan(
  tracer: Tracer,
  prefix: "Sent" | "Attempt",
  method: string,
  outer: Context,
  attributes: Record<string, number | boolean>,
): Span {
  const options = { kind: SpanKind.CLIENT, attributes: { ...rpcAttributes(method), ...attributes } };
  return tracer.startSpan(spanName(prefix, method), options, outer);
}
