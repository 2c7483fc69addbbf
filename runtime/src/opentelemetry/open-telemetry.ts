import type { ConnectionEvent, StatsSink } from "../index.js";
import { TelemetryClientCall } from "./client-call.js";
import { disconnectError } from "./disconnect-error.js";
import { checkOptionNames, type OpenTelemetryOptions } from "./options.js";
import { TelemetryServerCall } from "./server-call.js";
import { Settings } from "./settings.js";

/**
 * A listener for the `stats` of channels and servers, which may share it. Without a provider it does nothing, and costs what
 * a listener costs. Throws TypeError when an option is not valid.
 */
export function openTelemetry(options: OpenTelemetryOptions): StatsSink {
  checkOptionNames(options);
  const settings = new Settings(options);
  if (settings.instruments === undefined && settings.tracer === undefined) return {};
  return {
    onClientCall: (call) => new TelemetryClientCall(settings, call),
    onServerCall: (call) => new TelemetryServerCall(settings, call),
    onConnection: (event) => recordConnection(settings, event),
  };
}

/** gRFC A94 moved these from pick_first to subchannels; both names are told where both are wanted. */
function recordConnection(settings: Settings, { kind, target, reason }: ConnectionEvent): void {
  const { instruments } = settings;
  if (instruments === undefined) return;
  const attributes = { "grpc.target": settings.targetLabel(target) };
  switch (kind) {
    case "connected":
      instruments.add("grpc.subchannel.connection_attempts_succeeded", 1, attributes);
      instruments.add("grpc.lb.pick_first.connection_attempts_succeeded", 1, attributes);
      instruments.add("grpc.subchannel.open_connections", 1, attributes);
      return;
    case "failed":
      instruments.add("grpc.subchannel.connection_attempts_failed", 1, attributes);
      instruments.add("grpc.lb.pick_first.connection_attempts_failed", 1, attributes);
      return;
    case "lost": {
      const why = settings.disconnectError ? { "grpc.disconnect_error": disconnectError(reason) } : undefined;
      instruments.add("grpc.subchannel.disconnections", 1, { ...attributes, ...why });
      instruments.add("grpc.lb.pick_first.disconnections", 1, attributes);
      instruments.add("grpc.subchannel.open_connections", -1, attributes);
      return;
    }
  }
}
