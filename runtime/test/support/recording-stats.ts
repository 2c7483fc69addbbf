import type {
  AttemptListener,
  ClientCallListener,
  ClientCallStart,
  MessageSize,
  ServerCallListener,
  ServerCallStart,
  StatsSink,
} from "../../src/rpc/stats/stats-sink.js";
import type { Status } from "../../src/rpc/status.js";
import { statusCodeName } from "../../src/rpc/status-code.js";

/** Writes down in words whatever it hears. */
export class RecordingStats implements StatsSink {
  readonly log: string[] = [];
  /** What its listeners add to attempts. */
  added: Record<string, string> | undefined;
  readonly parents: (readonly ServerCallListener[])[] = [];
  readonly servers: ServerCallListener[] = [];

  onClientCall({ method, target, parents }: ClientCallStart): ClientCallListener {
    this.#say(`client call ${method.name} of ${target}`);
    this.parents.push(parents);
    return {
      onResolved: (ms) => this.#say(`resolved after ${ms} ms`),
      onAttempt: ({ kind, previousAttempts }) => {
        this.#say(`attempt ${kind} ${previousAttempts}`);
        return this.#attempt();
      },
      onRetryDelay: (ms) => this.#say(`retry delay ${ms} ms`),
      onEnd: (status) => this.#say(`client call ${ended(status)}`),
    };
  }

  onServerCall({ method, path, peer }: ServerCallStart): ServerCallListener {
    this.#say(`server call ${method?.name ?? `unknown ${path}`} from ${peer.address.replace(/:\d+$/, "")}`);
    const listener: ServerCallListener = {
      onMessageReceived: (message) => this.#say(`server received ${sizeOf(message)}`),
      onMessageSent: (message) => this.#say(`server sent ${sizeOf(message)}`),
      onSendStall: (ms) => this.#say(`server stalled ${ms} ms`),
      onEnd: (status) => this.#say(`server call ${ended(status)}`),
    };
    this.servers.push(listener);
    return listener;
  }

  #attempt(): AttemptListener {
    return {
      metadata: () => this.added,
      onPicked: (ms, what) => this.#say(`waited ${ms} ms for a ${what}`),
      onHeaders: () => this.#say("headers"),
      onMessageSent: (message) => this.#say(`sent ${sizeOf(message)}`),
      onMessageReceived: (message) => this.#say(`received ${sizeOf(message)}`),
      onSendStall: (ms) => this.#say(`stalled ${ms} ms`),
      onEnd: (status) => this.#say(`attempt ${ended(status)}`),
    };
  }

  #say(line: string): void {
    this.log.push(line);
  }
}

function ended({ code }: Status): string {
  return `ended ${statusCodeName(code)}`;
}

function sizeOf({ index, bytes, wireBytes }: MessageSize): string {
  return `${index}: ${bytes === wireBytes ? bytes : `${bytes} as ${wireBytes < bytes ? "fewer" : "more"}`}`;
}
