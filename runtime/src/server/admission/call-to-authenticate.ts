import type { Peer, Platform } from "../../base/platform.js";
import type { Deadline } from "../../rpc/deadline.js";
import type { RequestHeaders } from "../../rpc/invoker.js";
import type { Metadata } from "../../rpc/metadata.js";
import type { MethodDescriptor } from "../../rpc/method-descriptor.js";
import type { UnauthenticatedCall } from "../../rpc/principal.js";
import type { Status } from "../../rpc/status.js";
import { StatusError } from "../../rpc/status-error.js";
import { unknownPeer } from "../call/handler-context.js";

/** A call as its authenticator sees it. The signal is made when it is first asked for. */
export class CallToAuthenticate implements UnauthenticatedCall {
  readonly method: MethodDescriptor;
  readonly metadata: Metadata;
  readonly peer: Peer;
  readonly deadline: Deadline;
  readonly platform: Platform;
  #controller: AbortController | undefined;
  #endedWith: Status | undefined;

  constructor({ method, metadata, peer = unknownPeer, deadline }: RequestHeaders, platform: Platform) {
    this.method = method;
    this.metadata = metadata;
    this.peer = peer;
    this.deadline = deadline;
    this.platform = platform;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#endedWith !== undefined) this.abort(this.#endedWith);
    }
    return this.#controller.signal;
  }

  get isOver(): boolean {
    return this.#endedWith !== undefined;
  }

  /** The call is over before its caller is known. */
  abort(status: Status): void {
    this.#endedWith = status;
    this.#controller?.abort(StatusError.fromStatus(status, { method: this.method.path, peer: this.peer }));
  }
}
