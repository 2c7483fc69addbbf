import type { CallOptions } from "../../src/rpc/call-options.js";
import type { Invoker, RequestHeaders, RequestStream, ResponseSink } from "../../src/rpc/invoker.js";
import type { Status } from "../../src/rpc/status.js";

/** A call as the Invoker's side sees it: what came is written down, what goes back is the test's to say. */
export class ScriptedCall implements RequestStream {
  readonly headers: RequestHeaders;
  readonly options: CallOptions;
  readonly sink: ResponseSink;
  readonly sent: unknown[] = [];
  finished = false;
  pulled = 0;
  readonly cancels: Status[] = [];
  /** What `send` answers. */
  writable = true;
  /** Whether a cancel is answered with its status at once, as the door promises. */
  answersCancel = true;

  constructor(headers: RequestHeaders, options: CallOptions, sink: ResponseSink) {
    this.headers = headers;
    this.options = options;
    this.sink = sink;
  }

  send(message: unknown, last: boolean): boolean {
    this.sent.push(message);
    if (last) this.finished = true;
    return this.writable;
  }

  finish(): void {
    this.finished = true;
  }

  pull(count: number): void {
    this.pulled += count;
  }

  cancel(status: Status): void {
    this.cancels.push(status);
    if (this.answersCancel) this.sink.onStatus(status);
  }
}

/** An Invoker whose calls a test plays by hand. */
export class ScriptedInvoker implements Invoker {
  readonly calls: ScriptedCall[] = [];
  /** Runs inside of invoke, before it returns. */
  onInvoke: ((call: ScriptedCall) => void) | undefined;

  invoke(headers: RequestHeaders, options: CallOptions, sink: ResponseSink): RequestStream {
    const call = new ScriptedCall(headers, options, sink);
    this.calls.push(call);
    this.onInvoke?.(call);
    return call;
  }

  /** The only call. */
  get call(): ScriptedCall {
    const call = this.calls[0];
    if (call === undefined || this.calls.length > 1)
      throw new Error(`expected one call, there are ${this.calls.length}`);
    return call;
  }
}
