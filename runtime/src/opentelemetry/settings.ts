import { propagation, type TextMapPropagator, type Tracer } from "@opentelemetry/api";
import { Instruments } from "./instruments.js";
import { LabelTable } from "./labels.js";
import { enabledMetrics, type OpenTelemetryOptions } from "./options.js";
import { traceContextPropagator } from "./trace-context.js";

const scope = "godwit";
const version = "0.1.0";
/** Stands in the place of a label that would have too many values (gRFC A66). */
const other = "other";

/** What all calls that one listener hears of have in common. */
export class Settings {
  readonly instruments: Instruments | undefined;
  readonly tracer: Tracer | undefined;
  readonly labels = new LabelTable();
  readonly asyncContext: boolean;
  readonly disconnectError: boolean;
  readonly now: () => number;
  readonly #propagator: TextMapPropagator | undefined;
  readonly #targetFilter: ((target: string) => boolean) | undefined;
  readonly #methodFilter: ((method: string) => boolean) | undefined;

  constructor(options: OpenTelemetryOptions) {
    const enabled = enabledMetrics(options.metrics);
    const { meterProvider, tracerProvider } = options;
    this.instruments = meterProvider && new Instruments(meterProvider.getMeter(scope, version), enabled);
    this.tracer = tracerProvider?.getTracer(scope, version);
    this.asyncContext = options.asyncContext ?? false;
    this.disconnectError = options.disconnectError ?? false;
    this.now = options.now ?? (() => performance.now());
    this.#propagator = options.propagator;
    this.#targetFilter = options.targetFilter;
    this.#methodFilter = options.methodFilter;
  }

  /** The global one may be registered after this listener was made. */
  get propagator(): TextMapPropagator {
    return this.#propagator ?? (propagation.fields().length > 0 ? propagation : traceContextPropagator);
  }

  targetLabel(target: string): string {
    return this.#targetFilter === undefined || this.#targetFilter(target) ? target : other;
  }

  unknownMethodLabel(method: string): string {
    return this.#methodFilter?.(method) === true ? method : other;
  }
}
