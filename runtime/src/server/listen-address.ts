/** Addresses that a server listens on, as users write them. */
import type { Address } from "../base/platform.js";

export type ParsedListenAddress =
  | {
      readonly kind: "address";
      readonly address: Address;
      /** Tried when the first cannot be bound: where there is no IPv6, `:50051` means every IPv4 address. */
      readonly fallback?: Address;
    }
  | { readonly kind: "error"; readonly message: string };

const forms = "host:port, :port, [ipv6]:port, unix:path, unix-abstract:name or inproc:name";

/** Reads `0.0.0.0:50051`, `:50051`, `[::1]:0`, `localhost:0`, `unix:/run/shop.sock`, `unix-abstract:shop`, `inproc:shop`. */
export function parseListenAddress(text: string): ParsedListenAddress {
  if (text.startsWith("unix:")) {
    const path = text.slice("unix:".length).replace(/^\/\/(?=\/)/, "");
    return path === "" ? failure(text, "the path is empty") : ok({ transport: "unix", path });
  }
  if (text.startsWith("unix-abstract:")) {
    const name = text.slice("unix-abstract:".length);
    return name === "" ? failure(text, "the name is empty") : ok({ transport: "unix", path: `\0${name}` });
  }
  if (text.startsWith("inproc:")) {
    const name = text.slice("inproc:".length);
    return name === "" ? failure(text, "the name is empty") : ok({ transport: "inproc", name });
  }
  const match = /^(?:\[([^\]]*)\]|([^:]*)):([^:]*)$/.exec(text);
  if (match === null) return failure(text, `expected ${forms}`);
  const port = parsePort(match[3] ?? "");
  if (port === undefined) return failure(text, `the port is ${JSON.stringify(match[3])}, expected 0 to 65535`);
  const host = match[1] ?? match[2] ?? "";
  if (host !== "") return ok({ transport: "tcp", host, port });
  return {
    kind: "address",
    address: { transport: "tcp", host: "::", port },
    fallback: { transport: "tcp", host: "0.0.0.0", port },
  };
}

/** Whether nobody outside this machine can reach an address. */
export function isLocalAddress(address: Address): boolean {
  if (address.transport !== "tcp") return true;
  const { host } = address;
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

function parsePort(text: string): number | undefined {
  if (!/^\d{1,5}$/.test(text)) return undefined;
  const port = Number(text);
  return port <= 65535 ? port : undefined;
}

function ok(address: Address): ParsedListenAddress {
  return { kind: "address", address };
}

function failure(text: string, problem: string): ParsedListenAddress {
  return { kind: "error", message: `cannot listen on ${JSON.stringify(text)}: ${problem}` };
}
