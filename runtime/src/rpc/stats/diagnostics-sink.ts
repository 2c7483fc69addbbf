import type { DiagnosticsChannel } from "../../base/platform.js";
import type { Status } from "../status.js";
import type {
  AttemptListener,
  AttemptStart,
  ClientCallListener,
  ClientCallStart,
  ConnectionEvent,
  ResolutionEvent,
  ServerCallListener,
  ServerCallStart,
  StatsSink,
} from "./stats-sink.js";

/**
 * What is told to the diagnostics channels of the process, for tools that the application does not know of: `godwit:client:call:start`,
 * `…:end`, `godwit:client:attempt:start`, `…:end`, `godwit:server:call:start`, `…:end`, `godwit:connection`, `godwit:resolution`. An
 * `end` has the very object of its `start` as `call` or `attempt`, so that a tool may keep what it knows of it in a WeakMap.
 */
export class DiagnosticsSink implements StatsSink {
  readonly #channels: Channels;

  constructor(open: (name: string) => DiagnosticsChannel) {
    this.#channels = {
      clientStart: open("godwit:client:call:start"),
      clientEnd: open("godwit:client:call:end"),
      attemptStart: open("godwit:client:attempt:start"),
      attemptEnd: open("godwit:client:attempt:end"),
      serverStart: open("godwit:server:call:start"),
      serverEnd: open("godwit:server:call:end"),
      connection: open("godwit:connection"),
      resolution: open("godwit:resolution"),
    };
  }

  /** Whether anybody hears of calls of clients: asked before each of them. */
  get hearsClientCalls(): boolean {
    const { clientStart, clientEnd, attemptStart, attemptEnd } = this.#channels;
    return (
      clientStart.hasSubscribers || clientEnd.hasSubscribers || attemptStart.hasSubscribers || attemptEnd.hasSubscribers
    );
  }

  get hearsServerCalls(): boolean {
    return this.#channels.serverStart.hasSubscribers || this.#channels.serverEnd.hasSubscribers;
  }

  onClientCall(call: ClientCallStart): ClientCallListener | undefined {
    if (!this.hearsClientCalls) return undefined;
    this.#channels.clientStart.publish(call);
    return new DiagnosedClientCall(this.#channels, call);
  }

  onServerCall(call: ServerCallStart): ServerCallListener | undefined {
    if (!this.hearsServerCalls) return undefined;
    const { serverStart, serverEnd } = this.#channels;
    serverStart.publish(call);
    return { onEnd: (status) => serverEnd.publish({ call, status }) };
  }

  onConnection(event: ConnectionEvent): void {
    if (this.#channels.connection.hasSubscribers) this.#channels.connection.publish(event);
  }

  onResolution(event: ResolutionEvent): void {
    if (this.#channels.resolution.hasSubscribers) this.#channels.resolution.publish(event);
  }
}

interface Channels {
  readonly clientStart: DiagnosticsChannel;
  readonly clientEnd: DiagnosticsChannel;
  readonly attemptStart: DiagnosticsChannel;
  readonly attemptEnd: DiagnosticsChannel;
  readonly serverStart: DiagnosticsChannel;
  readonly serverEnd: DiagnosticsChannel;
  readonly connection: DiagnosticsChannel;
  readonly resolution: DiagnosticsChannel;
}

class DiagnosedClientCall implements ClientCallListener {
  readonly #channels: Channels;
  readonly #call: ClientCallStart;

  constructor(channels: Channels, call: ClientCallStart) {
    this.#channels = channels;
    this.#call = call;
  }

  onAttempt(attempt: AttemptStart): AttemptListener {
    const call = this.#call;
    const { attemptStart, attemptEnd } = this.#channels;
    attemptStart.publish({ call, attempt });
    return { onEnd: (status) => attemptEnd.publish({ call, attempt, status }) };
  }

  onEnd(status: Status): void {
    this.#channels.clientEnd.publish({ call: this.#call, status });
  }
}
