/** What the coordinator and its processes say to each other. */

/** Of the server: its port answers. */
export interface Listening {
  readonly type: "listening";
}

export type ToClient =
  /** Answered once a call that began after this has been answered by the process called so. */
  | { readonly type: "await"; readonly instance: string }
  /** No more calls: answered when those in flight have ended, or have had more than their time. */
  | { readonly type: "stop" };

export type FromClient = { readonly type: "ready" } | { readonly type: "done" };
