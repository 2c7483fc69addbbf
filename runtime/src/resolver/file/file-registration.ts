import { Backoff } from "../../base/backoff.js";
import type { Millis, Platform, Timer } from "../../base/platform.js";
import { textOfThrown } from "../../base/text-of-thrown.js";
import type { Endpoint } from "../endpoint.js";
import type { Registration, RegistrationHandle, RegistrationState } from "../registrar.js";
import { encodeEndpointDocument } from "./endpoint-document.js";

export interface FileRegistrationParts extends Registration {
  readonly id: string;
  readonly path: string;
  readonly leaseMs: Millis;
  /** It is deregistered. */
  onGone(registration: FileRegistration): void;
}

/** Renewals a lease, so that one may fail. */
const renewals = 3;

const retryBackoff = { initialMs: 500, multiplier: 1.6, maxMs: 15_000, jitter: 0.2 };

/** One file. It is written anew at each change, at each renewal and, after a failure, until that succeeds. */
export class FileRegistration implements RegistrationHandle {
  readonly id: string;
  readonly #platform: Platform;
  readonly #parts: FileRegistrationParts;
  readonly #backoff: Backoff;
  #state: RegistrationState = "registered";
  /** What is to be said: it outlives every failure to say it. */
  #endpoint: Endpoint;
  #isDraining = false;
  #timer: Timer | undefined;
  /** Writes follow each other: the last word is the one that stands. */
  #writing: Promise<void> = Promise.resolve();

  constructor(platform: Platform, parts: FileRegistrationParts) {
    this.id = parts.id;
    this.#platform = platform;
    this.#parts = parts;
    this.#endpoint = parts.endpoint;
    this.#backoff = new Backoff(() => platform.random(), retryBackoff);
  }

  get state(): RegistrationState {
    return this.#state;
  }

  update(endpoint: Endpoint): Promise<void> {
    this.#endpoint = endpoint;
    this.#isDraining = false;
    return this.#write();
  }

  drain(): Promise<void> {
    this.#isDraining = true;
    return this.#write();
  }

  async deregister(): Promise<void> {
    this.#enter("deregistered");
    this.#timer?.cancel();
    this.#writing = this.#writing.catch(() => {}).then(() => this.#platform.files.remove(this.#parts.path));
    await this.#writing.catch(() => {});
    this.#parts.onGone(this);
  }

  #write(): Promise<void> {
    if (this.#state === "deregistered") {
      return Promise.reject(new Error(`registration ${this.id} of ${this.#parts.name} is over: it was deregistered`));
    }
    this.#writing = this.#writing.catch(() => {}).then(() => this.#writeNow());
    return this.#writing;
  }

  async #writeNow(): Promise<void> {
    if (this.#state === "deregistered") return;
    this.#timer?.cancel();
    try {
      await this.#platform.files.replace(this.#parts.path, this.#content());
    } catch (error) {
      this.#enter("lost", textOfThrown(error));
      this.#writeLater(this.#backoff.next());
      throw error;
    }
    this.#backoff.reset();
    this.#enter(this.#isDraining ? "draining" : "registered");
    this.#writeLater(this.#parts.leaseMs / renewals);
  }

  #content(): Uint8Array {
    const { leaseMs } = this.#parts;
    const endpoint = { ...this.#endpoint, attributes: { ...this.#endpoint.attributes, id: this.id } };
    const expiresAt = leaseMs === Number.POSITIVE_INFINITY ? undefined : this.#platform.wallClock() + leaseMs;
    const entry = { endpoint, isDraining: this.#isDraining, expiresAt };
    return new TextEncoder().encode(encodeEndpointDocument({ endpoints: [entry], serviceConfig: undefined }));
  }

  #writeLater(delayMs: Millis): void {
    if (this.#state === "deregistered" || delayMs === Number.POSITIVE_INFINITY) return;
    const again = () => void this.#write().catch(() => {});
    this.#timer = this.#platform.setTimer(this.#platform.now() + delayMs, again, false);
  }

  /** The end is the end, whatever is still being written. */
  #enter(state: RegistrationState, reason?: string): void {
    if (this.#state === "deregistered" || this.#state === state) return;
    this.#state = state;
    try {
      this.#parts.onState?.(state, reason);
    } catch {
      // A listener's fault must not end the registration.
    }
  }
}
