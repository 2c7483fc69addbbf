import type { Socket } from "node:net";
import { errorCode } from "../system-error.js";

/** Right behind the handshake a reset says more than that. */
export function hangUpProblem(error: Error, socket: Socket): string | undefined {
  const code = errorCode(error);
  if ((code !== "ECONNRESET" && code !== "EPIPE") || socket.bytesRead > 0) return undefined;
  return `the server hung up before it had spoken HTTP/2 (${code}); one that does not take the client's certificate may do that`;
}
