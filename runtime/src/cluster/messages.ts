/** What a primary and its workers say to each other, beside what the application says there. */

export type FromWorker =
  /** `start` has resolved. */
  | { readonly godwit: "ready" }
  /** `start` or `close` has rejected, and the process ends. */
  | { readonly godwit: "failed"; readonly message: string; readonly stack: string | undefined }
  /** All is closed. */
  | { readonly godwit: "closed" };

export type ToWorker =
  | { readonly godwit: "drain" }
  /** The answer to `closed`: connections that were handed over in vain are on their way back by now, since messages keep their order. */
  | { readonly godwit: "exit" };

/** Undefined for messages of others. */
export function readMessage<T extends FromWorker | ToWorker>(message: unknown): T | undefined {
  return typeof message === "object" && message !== null && "godwit" in message ? (message as T) : undefined;
}
