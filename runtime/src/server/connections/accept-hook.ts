import type { Peer } from "../../base/platform.js";
import { textOfThrown } from "../../base/text-of-thrown.js";
import type { ListenOptions } from "../server-options.js";

/** What the client reads of a hook that failed: the rest is for the server's own log. */
const failed = "the server could not decide whether to take this connection";

/** Why a connection is sent away, for the client and for whoever runs the server. */
export interface Refusal {
  readonly reason: string;
  readonly error: Error;
}

/** Asks the application whether it takes a connection. Only a clear yes is one: a promise, or an exception, sends it away. */
export function askHook(hook: ListenOptions["onConnection"], peer: Peer): Refusal | undefined {
  if (hook === undefined) return undefined;
  let answer: unknown;
  try {
    answer = hook(peer);
  } catch (cause) {
    const error = new Error(`onConnection failed, and the connection was refused: ${textOfThrown(cause)}`, { cause });
    return { reason: failed, error };
  }
  if (answer === undefined) return undefined;
  if (typeof answer === "string") return { reason: answer, error: new Error(`onConnection refused it: ${answer}`) };
  ignoreRejection(answer);
  const what = `${typeof answer}, expected nothing or a sentence; the connection was refused`;
  return { reason: failed, error: new Error(`onConnection returned ${what}`) };
}

/** It must not end the process. */
function ignoreRejection(answer: unknown): void {
  if (answer instanceof Promise) answer.catch(() => undefined);
}
