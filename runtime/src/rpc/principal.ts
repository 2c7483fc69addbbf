import type { Peer, Platform } from "../base/platform.js";
import type { Deadline } from "./deadline.js";
import type { Metadata } from "./metadata.js";
import type { MethodDescriptor } from "./method-descriptor.js";

/** Who makes a call, as an Authenticator found out. */
export interface Principal {
  /** Unique within its issuer: a user's id, a service's name. */
  readonly name: string;
  /** Who vouches for the name; undefined where there is but one. */
  readonly issuer?: string | undefined;
  /** What else is known: claims of a token, roles, a tenant. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
}

/** A call that nobody has answered yet. */
export interface UnauthenticatedCall {
  readonly method: MethodDescriptor;
  /** Of the request. What is changed here is changed for interceptors and handler, too. */
  readonly metadata: Metadata;
  /** Who is at the other end of the connection, with its certificate where it has shown one. */
  readonly peer: Peer;
  readonly deadline: Deadline;
  /** Aborts when the client leaves and when the deadline runs out. */
  readonly signal: AbortSignal;
  /** The server's: clocks, files and what else an authenticator may need. */
  readonly platform: Platform;
}

/**
 * Says who makes a call, at once or with a promise. A StatusError that it throws is the answer of the call; anything else
 * ends it with UNAUTHENTICATED and is told to the server's `onError`, not to the client.
 */
export type Authenticator = (call: UnauthenticatedCall) => Principal | Promise<Principal>;
