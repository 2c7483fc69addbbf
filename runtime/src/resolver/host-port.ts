import type { Parsed } from "../base/parsed.js";
import { isIpv6 } from "./ip-literal.js";

export interface HostPort {
  /** A name or an IP address, without brackets. */
  readonly host: string;
  /** Undefined when the text names none. */
  readonly port: number | undefined;
}

const hostPattern = /^[^\s/?#@[\]\\:%]+$/;
const expected = 'expected "host", "host:port" or "[ipv6]:port"';

/** Parses `host[:port]`; an IPv6 address needs brackets only in front of a port. */
export function parseHostPort(text: string): Parsed<HostPort> {
  if (text.startsWith("[")) return parseBracketed(text);
  const colon = text.indexOf(":");
  if (colon === -1) return withHost(text, undefined);
  if (text.includes(":", colon + 1)) {
    return isIpv6(text) ? { value: { host: text, port: undefined } } : { error: `host is "${text}": ${expected}` };
  }
  const port = parsePort(text.slice(colon + 1));
  return "error" in port ? port : withHost(text.slice(0, colon), port.value);
}

function parseBracketed(text: string): Parsed<HostPort> {
  const end = text.indexOf("]");
  const host = text.slice(1, end === -1 ? undefined : end);
  if (end === -1 || !isIpv6(host)) return { error: `host is "${text}": expected an IPv6 address in brackets` };
  const rest = text.slice(end + 1);
  if (rest === "") return { value: { host, port: undefined } };
  if (!rest.startsWith(":")) return { error: `"${rest}" stands behind the brackets: expected ":port"` };
  const port = parsePort(rest.slice(1));
  return "error" in port ? port : { value: { host, port: port.value } };
}

function withHost(host: string, port: number | undefined): Parsed<HostPort> {
  if (host === "") return { error: `host is empty: ${expected}` };
  if (!hostPattern.test(host)) return { error: `host is "${host}": ${expected}` };
  return { value: { host, port } };
}

function parsePort(text: string): Parsed<number> {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65535) return { value: port };
  return { error: `port is "${text}": expected a number from 1 to 65535` };
}
