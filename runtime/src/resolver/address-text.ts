import type { Parsed } from "../base/parsed.js";
import type { Address } from "../base/platform.js";
import { parseHostPort } from "./host-port.js";

/**
 * Reads what `addressName` writes: `10.0.0.1:443`, `[::1]:443`, `unix:/run/x.sock`, `unix-abstract:name`, `inproc:name`.
 * @param defaultPort For a host without one.
 */
export function parseAddress(text: string, defaultPort: number): Parsed<Address> {
  const colon = text.indexOf(":");
  const rest = text.slice(colon + 1);
  switch (text.slice(0, Math.max(colon, 0))) {
    case "unix":
      return unixAddress(rest, "");
    case "unix-abstract":
      return unixAddress(rest, "\0");
    case "inproc":
      return rest === "" ? { error: "name is empty" } : { value: { transport: "inproc", name: rest } };
  }
  const parsed = parseHostPort(text);
  if ("error" in parsed) return parsed;
  const { host, port = defaultPort } = parsed.value;
  return { value: { transport: "tcp", host, port } };
}

function unixAddress(path: string, prefix: string): Parsed<Address> {
  if (path === "") return { error: "path is empty" };
  if (path.includes("\0")) return { error: "path holds a zero byte" };
  return { value: { transport: "unix", path: prefix + path } };
}
