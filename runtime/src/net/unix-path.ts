import type { Stats } from "node:fs";
import { lstat, unlink } from "node:fs/promises";
import { connect } from "node:net";
import { errorCode, listenError, unixUri } from "./system-error.js";

/**
 * Makes room for a listener where a crashed process left its unix socket's file behind.
 *
 * Only a socket that nobody answers is removed. A live one, an ordinary file, a folder or a link is never touched: then
 * this rejects with the sentence for the user.
 */
export async function removeStaleSocket(path: string): Promise<void> {
  const found = await statOrNothing(path);
  if (found === undefined) return;
  if (!found.isSocket()) throw refusal(path, "there is a file, and it is not a socket");
  if (!(await isRefused(path))) throw refusal(path, "another listener answers there");
  const now = await statOrNothing(path);
  // Another process may have replaced it meanwhile, just as we are about to.
  if (now === undefined) return;
  if (now.ino !== found.ino || now.dev !== found.dev || now.ctimeMs !== found.ctimeMs)
    throw refusal(path, "another listener took it");
  try {
    await unlink(path);
  } catch (cause) {
    if (errorCode(cause) !== "ENOENT") throw listenError({ transport: "unix", path }, cause);
  }
}

async function statOrNothing(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (cause) {
    if (errorCode(cause) === "ENOENT") return undefined;
    throw listenError({ transport: "unix", path }, cause);
  }
}

/** Only a plain refusal means that nobody listens: a full backlog (EAGAIN) or a foreign owner (EACCES) does not. */
function isRefused(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({ path });
    probe.once("connect", () => {
      probe.destroy();
      resolve(false);
    });
    probe.on("error", (error) => resolve(errorCode(error) === "ECONNREFUSED"));
  });
}

function refusal(path: string, why: string): Error {
  return new Error(`cannot listen on ${unixUri(path)}: ${why} (EADDRINUSE)`);
}
