import type { Peer } from "../base/platform.js";
import type { Deadline } from "../rpc/deadline.js";
import type { InterceptedCall, MessageDirection } from "../rpc/interceptor.js";
import type { RequestHeaders } from "../rpc/invoker.js";
import { Metadata } from "../rpc/metadata.js";
import type { MethodDescriptor } from "../rpc/method-descriptor.js";
import type { Principal } from "../rpc/principal.js";
import type { Status } from "../rpc/status.js";

type Watch = (message: unknown, direction: MessageDirection) => void;
type MapMessage = (message: unknown, direction: MessageDirection) => unknown;
type Stage = { readonly kind: "watch"; readonly watch: Watch } | { readonly kind: "map"; readonly map: MapMessage };

/** What the machinery behind an InterceptedCall does for it. */
export interface InterceptedCallOwner {
  proceed(): Promise<Status>;
  respond(message: unknown): void;
}

const noStages: readonly Stage[] = Object.freeze([]);

/** The call as one interceptor sees it. */
export class AsyncInterceptedCall implements InterceptedCall {
  readonly method: MethodDescriptor;
  readonly metadata: Metadata;
  readonly deadline: Deadline;
  peer: Peer | undefined;
  readonly principal: Principal | undefined;
  responseHeaders: Metadata | undefined = undefined;
  readonly #owner: InterceptedCallOwner;
  /** In the order in which they were registered: each sees what the ones before it made of the message. */
  #stages: readonly Stage[] = noStages;

  constructor(headers: RequestHeaders, owner: InterceptedCallOwner) {
    this.method = headers.method;
    this.metadata = new Metadata(headers.metadata);
    this.deadline = headers.deadline;
    this.peer = headers.peer;
    this.principal = headers.principal;
    this.#owner = owner;
  }

  onMessage(watch: Watch): void {
    this.#stages = [...this.#stages, { kind: "watch", watch }];
  }

  mapMessage(map: MapMessage): void {
    this.#stages = [...this.#stages, { kind: "map", map }];
  }

  respond(message: unknown): void {
    this.#owner.respond(message);
  }

  /** What `next` does. */
  proceed(): Promise<Status> {
    return this.#owner.proceed();
  }

  /** Sends a message through the stages. Throws what they throw. */
  apply(message: unknown, direction: MessageDirection): unknown {
    const stages = this.#stages;
    let current = message;
    for (let i = 0; i < stages.length; i++) {
      const stage = stages[i] as Stage;
      if (stage.kind === "watch") {
        stage.watch(current, direction);
        continue;
      }
      current = stage.map(current, direction);
      if (current === undefined || current === null) {
        throw new TypeError(`mapMessage gave ${String(current)} for a ${direction} message of ${this.method.path}`);
      }
    }
    return current;
  }
}
