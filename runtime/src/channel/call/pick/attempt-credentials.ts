import type { Peer, Platform } from "../../../base/platform.js";
import { textOfThrown } from "../../../base/text-of-thrown.js";
import { isThenable } from "../../../base/thenable.js";
import { combineCredentials } from "../../../credentials/call-credentials.js";
import { causeWithoutSecrets, withoutSecrets } from "../../../credentials/secret-text.js";
import { enterOfAmbientContext } from "../../../rpc/ambient-context.js";
import type { CallCredentials, CallCredentialsContext } from "../../../rpc/call-credentials.js";
import type { RequestHeaders } from "../../../rpc/invoker.js";
import { Metadata, type MetadataInit } from "../../../rpc/metadata.js";
import type { MethodDescriptor } from "../../../rpc/method-descriptor.js";
import type { Status } from "../../../rpc/status.js";
import { StatusCode } from "../../../rpc/status-code.js";
import { StatusError } from "../../../rpc/status-error.js";
import { controlPlaneStatus } from "./control-plane-status.js";

/** What an attempt goes on with, or how it ends. */
export type Authorized = { readonly headers: RequestHeaders } | { readonly failure: Status };

const prefix = "the call credentials failed: ";

/** Why secrets may not go to a peer; undefined where they may. Another attempt would end the same way. */
function exposure(peer: Peer | undefined): Status | undefined {
  if (peer !== undefined && peer.security !== "none") return undefined;
  const what =
    peer === undefined
      ? "it is not known how the connection is protected (the policy's subchannel has no peer)"
      : `the connection to ${peer.address} is not protected`;
  const message = `call credentials were not sent: ${what}; expected TLS, or a peer on this host by unix: or inproc:`;
  return { code: StatusCode.UNAUTHENTICATED, message, delivery: "not-sent", isFinal: true };
}

/** What a channel has for its calls' credentials. */
export interface AuthorizingChannel {
  readonly platform: Platform;
  /** Value of `:authority` for calls that say none. */
  readonly authority: string;
  readonly callCredentials: CallCredentials | undefined;
}

/** The credentials of one call. */
export class CallAuthorization {
  readonly #channel: AuthorizingChannel;
  readonly credentials: CallCredentials;
  /** They are asked as if the call began then, whoever has the call go on. */
  readonly enter: (<R>(fn: () => R) => R) | undefined;
  /** Of the attempt that is under way, with what its credentials gave; undefined until they have. */
  headers: RequestHeaders | undefined;

  /** Undefined, and nothing made, where there are none. */
  static of(channel: AuthorizingChannel, own: CallCredentials | undefined): CallAuthorization | undefined {
    const { callCredentials } = channel;
    if (callCredentials === undefined && own === undefined) return undefined;
    const all = [callCredentials, own].filter((each) => each !== undefined);
    return new CallAuthorization(channel, all.length === 1 ? (all[0] as CallCredentials) : combineCredentials(...all));
  }

  private constructor(channel: AuthorizingChannel, credentials: CallCredentials) {
    this.#channel = channel;
    this.credentials = credentials;
    this.enter = enterOfAmbientContext();
  }

  /** How the attempt ends instead of being sent to this peer: it need not be the one that they were asked for. Where none was known, they were not. */
  exposure(peer: Peer | undefined): Status | undefined {
    return exposure(this.headers === undefined ? undefined : peer);
  }

  attempt(headers: RequestHeaders, peer: Peer): AttemptCredentials {
    return new AttemptCredentials(this, this.#channel, headers, peer);
  }
}

/** Those of one attempt. */
export class AttemptCredentials implements CallCredentialsContext {
  readonly method: MethodDescriptor;
  readonly authority: string;
  readonly peer: Peer;
  readonly platform: Platform;
  readonly #call: CallAuthorization;
  readonly #headers: RequestHeaders;
  #abort: AbortController | undefined;
  #cancelled: Status | undefined;

  constructor(call: CallAuthorization, channel: AuthorizingChannel, headers: RequestHeaders, peer: Peer) {
    this.method = headers.method;
    this.authority = headers.authority ?? channel.authority;
    this.peer = peer;
    this.platform = channel.platform;
    this.#call = call;
    this.#headers = headers;
  }

  get serviceUrl(): string {
    return `https://${this.authority.replace(/:443$/, "")}/${this.method.service}`;
  }

  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#cancelled !== undefined) this.#abort.abort(StatusError.fromStatus(this.#cancelled));
    return this.#abort.signal;
  }

  /** `done` is called once, at once where the credentials are there, and not any more once this is cancelled. */
  ask(done: (authorized: Authorized) => void): void {
    const exposed = exposure(this.peer);
    const { enter } = this.#call;
    const asked = exposed === undefined ? (enter?.(() => this.#given()) ?? this.#given()) : { failure: exposed };
    if (!(asked instanceof Promise)) done(asked);
    else void asked.then((authorized) => this.#cancelled === undefined && done(authorized));
  }

  cancel(status: Status): void {
    this.#cancelled = status;
    this.#abort?.abort(StatusError.fromStatus(status));
  }

  #given(): Authorized | Promise<Authorized> {
    try {
      const given = this.#call.credentials.metadata(this);
      if (!isThenable(given)) return this.#authorized(given);
      return Promise.resolve(given).then(
        (late) => this.#authorized(late),
        (cause) => ({ failure: failureOf(cause) }),
      );
    } catch (cause) {
      return { failure: failureOf(cause) };
    }
  }

  #authorized(given: MetadataInit | Metadata): Authorized {
    try {
      const metadata = new Metadata(this.#headers.metadata).replaceWithSecrets(new Metadata(given));
      return { headers: { ...this.#headers, metadata } };
    } catch (cause) {
      return { failure: failureOf(cause) };
    }
  }
}

/** gRFC A54 says with which codes credentials may end a call. */
function failureOf(cause: unknown): Status {
  const status = StatusError.statusOf(cause);
  const message = withoutSecrets(status?.message ?? textOfThrown(cause));
  // Whoever prints an error prints what led to it.
  const told = causeWithoutSecrets(cause);
  const known = told === undefined ? {} : { cause: told };
  if (status !== undefined) return controlPlaneStatus({ code: status.code, message, ...known }, prefix);
  return { code: StatusCode.UNAUTHENTICATED, message: `${prefix}${message}`, delivery: "not-sent", ...known };
}
