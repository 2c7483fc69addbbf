import { Buffer } from "node:buffer";
import type { Address, HttpProxy } from "../base/platform.js";
import { addressLabel } from "./system-error.js";

/** Bytes of `sun_path` without the final NUL: 108 on Linux, 104 on macOS and the BSDs. Longer paths would be cut. */
const unixPathLimitBytes = process.platform === "linux" ? 107 : 103;
const portLimit = 65535;
const asciiPattern = /^[\x20-\x7e]*$/;

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
      return (
        tcpProblem(address) ?? (address.proxy === undefined ? undefined : proxyProblem(address.host, address.proxy))
      );
    case "unix":
      return unixPathProblem(address.path);
    case "inproc":
      return "an in-process address has no byte stream";
  }
}

function tcpProblem({ host, port }: { readonly host: string; readonly port: number }): string | undefined {
  if (!isPlainHost(host)) return "host is empty or has a space or a control character";
  if (Number.isInteger(port) && port >= 0 && port <= portLimit) return undefined;
  return `port is ${port}, limit ${portLimit}`;
}

/** Whether it can be a part of a header's line. */
export function isPrintableAscii(text: string): boolean {
  return asciiPattern.test(text);
}

/** What a proxy is told goes into lines of a header. */
function proxyProblem(host: string, proxy: HttpProxy): string | undefined {
  if (!isPrintableAscii(host)) return "host has characters outside ASCII, expected it as a proxy reads it (xn--)";
  const problem = tcpProblem(proxy);
  return problem === undefined ? undefined : `of the proxy, ${problem}`;
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
