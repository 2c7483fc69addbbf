import type { Peer, Platform } from "../base/platform.js";
import type { Metadata, MetadataInit } from "./metadata.js";
import type { MethodDescriptor } from "./method-descriptor.js";

/** What proves with each call who makes it. (grpc-js: CallCredentials) */
export interface CallCredentials {
  /**
   * Metadata for one attempt of a call, asked for once it is known where that goes and before anything is sent. A StatusError
   * that is thrown, or that the promise rejects with, ends the attempt with its code, anything else with UNAUTHENTICATED. What
   * is given is never indexed by HPACK and shown in no log; a key that the call's own metadata has, too, is replaced.
   */
  metadata(call: CallCredentialsContext): MetadataInit | Metadata | Promise<MetadataInit | Metadata>;
}

/** The attempt that call credentials are asked for. */
export interface CallCredentialsContext {
  readonly method: MethodDescriptor;
  /** `https://authority/package.Service`, without a port of 443: what a token for this service is issued for. */
  readonly serviceUrl: string;
  /** Value of `:authority`. */
  readonly authority: string;
  /** Where the attempt goes; never over a connection without protection. */
  readonly peer: Peer;
  /** Aborts when the call ends before it has its credentials. Made when it is first asked for. */
  readonly signal: AbortSignal;
  /** Clock, files and HTTP of the channel. */
  readonly platform: Platform;
}
