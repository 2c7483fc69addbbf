/** The doors between a channel and whatever knows the addresses behind a name (grpc/grpc doc/naming.md, gRFC A61). */
import type { Parsed } from "../base/parsed.js";
import type { Platform } from "../base/platform.js";
import type { Status } from "../rpc/status.js";
import type { ServiceConfigInit } from "../service-config/service-config-init.js";
import type { Endpoint } from "./endpoint.js";
import type { Target } from "./target.js";

export type StatusOr<T> = { readonly value: T } | { readonly status: Status };

/** Makes resolvers for the targets of one scheme. */
export interface ResolverFactory {
  /** In lower case, without the colon. */
  readonly scheme: string;
  /** Checks the target and makes a resolver that has not started. An error is one clause: what is wrong, what was expected. */
  create(target: Target, options: ResolverOptions): Parsed<Resolver>;
  /** `:authority` of the channel's calls unless it is given one. Called only for targets that `create` took. */
  defaultAuthority(target: Target): string;
}

export interface ResolverOptions {
  /** The world: time, timers, dice, DNS, files. A resolver that takes them from here can be tested in virtual time. */
  readonly platform: Platform;
  /** For targets that name no port. */
  readonly defaultPort: number;
  /**
   * A number in [0, 1) that is the channel's for as long as it lives, also when it makes another resolver: for what is
   * meant for a share of the channels.
   */
  readonly lot: number;
}

/** Watches one name. */
export interface Resolver {
  /** Called once. The listener is never called before this has returned. */
  start(listener: ResolverListener): void;
  /** A hint that the last result may be out of date, or did not help; may be ignored. */
  resolveNow(): void;
  /** Nothing is told to the listener afterwards. Resolves when everything held is given back. */
  close(): Promise<void>;
}

export interface ResolverListener {
  /**
   * A new result, which replaces the one before it. False: the channel could not use it, and calls resolveNow after a
   * backoff; so it does after a result without endpoints.
   */
  onResult(result: ResolverResult): boolean;
}

export interface ResolverResult {
  /** A status means that the name could not be resolved now: endpoints that were known before stay in use. */
  readonly endpoints: StatusOr<readonly Endpoint[]>;
  /**
   * As it was found, in JSON; the channel parses it. Absent: the channel's own holds. A status, or a config with something
   * wrong in it: the one before it holds (gRFC A21).
   */
  readonly serviceConfig?: StatusOr<ServiceConfigInit>;
  /** Something worth knowing when no connection comes about; one clause, which goes into the calls' status. */
  readonly note?: string;
}
