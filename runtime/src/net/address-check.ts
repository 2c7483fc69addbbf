import { Buffer } from "node:buffer";
import process from "node:process";
import type { Address } from "../base/platform.js";
import { addressLabel } from "./system-error.js";

/** Bytes of `sun_path` without the final NUL: 108 on Linux, 104 on macOS and the BSDs. Longer paths would be cut. */
const unixPathLimitBytes = process.platform === "linux" ? 107 : 103;
const portLimit = 65535;

/** An address that the operating system can be asked about. */
export type SocketAddress = Exclude<Address, { readonly transport: "inproc" }>;

/** Undefined when the address is well-formed, else one sentence that begins with `action`, e.g. "cannot listen on". */
export function addressProblem(action: string, address: Address): string | undefined {
  const problem = problemOf(address);
  return problem === undefined ? undefined : `${action} ${addressLabel(address)}: ${problem}`;
}

function problemOf(address: Address): string | undefined {
  switch (address.transport) {
    case "tcp":
      if (!isPlainHost(address.host)) return "host is empty or has a space or a control character";
      if (Number.isInteger(address.port) && address.port >= 0 && address.port <= portLimit) return undefined;
      return `port is ${address.port}, limit ${portLimit}`;
    case "unix":
      return unixPathProblem(address.path);
    case "inproc":
      return "an in-process address has no byte stream";
  }
}

/** Whether a name may be handed to the system's resolver: a NUL would end it early, and look up another one. */
export function isPlainHost(host: string): boolean {
  for (let i = 0; i < host.length; i++) {
    const code = host.charCodeAt(i);
    if (code <= 0x20 || code === 0x7f) return false;
  }
  return host !== "";
}

function unixPathProblem(path: string): string | undefined {
  const bytes = Buffer.byteLength(path);
  if (path === "" || path === "\0") return "path is empty";
  if (path.indexOf("\0", 1) > 0) return "path has a NUL character";
  if (process.platform === "win32" || bytes <= unixPathLimitBytes) return undefined;
  return `path is ${bytes} bytes, limit ${unixPathLimitBytes}`;
}
