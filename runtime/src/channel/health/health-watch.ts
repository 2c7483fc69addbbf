import type { PickedSubchannel } from "../../balancer/picker.js";
import { StandingCall } from "../../balancer/standing-call.js";
import type { Platform } from "../../base/platform.js";
import type { Status } from "../../rpc/status.js";
import { statusCodeName } from "../../rpc/status-code.js";
import { isServing, servingStatusName, watchMethod, watchRequest } from "./watch-method.js";

/** What is known of a server's health. */
export type Health =
  /** Nothing yet: it was asked. */
  | { readonly kind: "asked" }
  | { readonly kind: "serving" }
  /** `reason`: one clause that names the server. */
  | { readonly kind: "notServing"; readonly reason: string }
  /** The server has no health service: it counts as well. */
  | { readonly kind: "unchecked"; readonly reason: string };

/** Follows the health of a server over one connection (gRFC A17): a Watch call, and another one whenever it ends. */
export class HealthWatch {
  readonly #call: StandingCall;
  readonly #subchannel: PickedSubchannel;
  readonly #service: string;
  readonly #onHealth: (health: Health) => void;

  /**
   * @param service Empty for the server as a whole.
   * @param onHealth Called from `start` and from wherever the connection's events come.
   */
  constructor(platform: Platform, subchannel: PickedSubchannel, service: string, onHealth: (health: Health) => void) {
    this.#subchannel = subchannel;
    this.#service = service;
    this.#onHealth = onHealth;
    this.#call = new StandingCall({
      subchannel,
      clock: {
        now: () => platform.now(),
        random: () => platform.random(),
        setTimer: (at, fn) => platform.setTimer(at, fn, false),
      },
      name: "health check",
      method: watchMethod(),
      createRequest: () => watchRequest(service),
      // As after GOAWAY on one of several connections: calls wait for what the next Watch says, they do not fail.
      onBegin: () => onHealth({ kind: "asked" }),
      onMessage: (message) => this.#onMessage(message),
      onEnd: (status, isOver) => this.#onEnd(status, isOver),
    });
  }

  /** The subchannel is READY. */
  start(): void {
    this.#call.start();
  }

  /** Nothing is told afterwards. */
  stop(): void {
    this.#call.stop();
  }

  #onMessage(message: unknown): void {
    const ofService = this.#service === "" ? "" : ` of ${JSON.stringify(this.#service)}`;
    const reason = `${this.#subchannel.name} is not healthy: its health service says ${servingStatusName(message)}${ofService}`;
    this.#onHealth(isServing(message) ? { kind: "serving" } : { kind: "notServing", reason });
  }

  #onEnd({ code, message }: Status, isOver: boolean): void {
    const how = message === "" ? statusCodeName(code) : `${statusCodeName(code)}: ${message}`;
    const { name } = this.#subchannel;
    if (isOver) this.#onHealth({ kind: "unchecked", reason: `${name} has no health service (${how})` });
    else this.#onHealth({ kind: "notServing", reason: `the health check of ${name} ended (${how})` });
  }
}
