import { type Context, context, ROOT_CONTEXT, type Span, SpanKind, trace } from "@opentelemetry/api";
import type { MessageSize, ServerCallListener, ServerCallStart, Status } from "../index.js";
import { metadataGetter } from "./carrier.js";
import type { Labels } from "./labels.js";
import type { Settings } from "./settings.js";
import { addReceived, addSent, endSpan, rpcAttributes, spanName } from "./span-events.js";

/** One call of a server: its span, and its metrics. */
export class TelemetryServerCall implements ServerCallListener {
  /** Runs the handler in the call's context; only there where the application wants that. */
  readonly run?: <R>(piece: () => R) => R;
  /** With the call's span in it; undefined where nobody traces. */
  readonly context: Context | undefined;
  readonly #settings: Settings;
  readonly #labels: Labels;
  readonly #startedAt: number;
  readonly #span: Span | undefined;
  #sentBytes = 0;
  #receivedBytes = 0;

  constructor(settings: Settings, { method, path, metadata, peer }: ServerCallStart) {
    this.#settings = settings;
    const name = method === undefined ? settings.unknownMethodLabel(path.slice(1)) : method.path.slice(1);
    this.#labels = settings.labels.of(name);
    this.#startedAt = settings.now();
    settings.instruments?.add("grpc.server.call.started", 1, this.#labels.started);
    const { tracer } = settings;
    if (tracer === undefined) return;
    const outer = settings.propagator.extract(ROOT_CONTEXT, metadata, metadataGetter);
    const attributes = { ...rpcAttributes(name), "network.peer.address": peer.address };
    this.#span = tracer.startSpan(spanName("Recv", name), { kind: SpanKind.SERVER, attributes }, outer);
    const inner = trace.setSpan(outer, this.#span);
    this.context = inner;
    if (settings.asyncContext) this.run = (piece) => context.with(inner, piece);
  }

  onMessageReceived(message: MessageSize): void {
    this.#receivedBytes += message.wireBytes;
    if (this.#span?.isRecording() === true) addReceived(this.#span, message);
  }

  onMessageSent(message: MessageSize): void {
    this.#sentBytes += message.wireBytes;
    if (this.#span?.isRecording() === true) addSent(this.#span, message);
  }

  onEnd(status: Status): void {
    const { instruments, now } = this.#settings;
    if (instruments !== undefined) {
      const ended = this.#labels.ended(status.code);
      instruments.record("grpc.server.call.duration", (now() - this.#startedAt) / 1000, ended);
      instruments.record("grpc.server.call.sent_total_compressed_message_size", this.#sentBytes, ended);
      instruments.record("grpc.server.call.rcvd_total_compressed_message_size", this.#receivedBytes, ended);
    }
    if (this.#span !== undefined) endSpan(this.#span, status);
  }
}

/** The context of a server's call that is traced; undefined where none of those who hear of it traces. */
export function contextOfServerCall(listeners: readonly ServerCallListener[]): Context | undefined {
  const own = listeners.find((listener) => listener instanceof TelemetryServerCall);
  return own?.context;
}
