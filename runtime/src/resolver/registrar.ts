/** The twin of a resolver: the doors between a server and whatever tells its address to clients. */
import type { Endpoint } from "./endpoint.js";

/** Makes servers known by name. */
export interface Registrar {
  /**
   * Makes one server known, and keeps it so. Resolves when clients can find it; rejects when that fails the first time, or
   * with TypeError when the registration is not valid.
   */
  register(registration: Registration): Promise<RegistrationHandle>;
  /** Deregisters everything. Never rejects. */
  close(): Promise<void>;
}

export interface Registration {
  /** What clients resolve; mostly the full name of the service, `shop.v1.ShopService`. */
  readonly name: string;
  /** Where clients reach the server. Without an `id` among its attributes the registrar makes one up. */
  readonly endpoint: Endpoint;
  /** Hears each change of state; `reason` says why a registration is lost. */
  readonly onState?: (state: RegistrationState, reason?: string) => void;
}

/**
 * `registered`: clients find it. `draining`: it is known, and gets no new calls. `lost`: the registrar could not renew it
 * and clients may not find it any more; it is tried again until it stands, and then is what it was before. `deregistered`
 * is the end.
 */
export type RegistrationState = "registered" | "draining" | "lost" | "deregistered";

/** One registration. What it says of a server holds until the next word: a registrar that loses it says it again. */
export interface RegistrationHandle {
  readonly id: string;
  readonly state: RegistrationState;
  /** Replaces what is known of the server, and ends a drain. Rejects after `deregister`, or when it cannot be written. */
  update(endpoint: Endpoint): Promise<void>;
  /** Clients give it no new calls; running ones go on. Rejects as `update` does. */
  drain(): Promise<void>;
  /** Clients forget it. Never rejects: what cannot be removed expires. Idempotent. */
  deregister(): Promise<void>;
}
