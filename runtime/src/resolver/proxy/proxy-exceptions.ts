import { parseHostPort } from "../host-port.js";
import { ipBytes, ipv4Offset } from "../ip-bytes.js";

/** Whether one entry of the list names a host. */
type Rule = (host: string, address: Uint8Array | undefined, port: number) => boolean;

/**
 * Hosts that are reached without the proxy: a list as `no_proxy` has it, parted by commas or blanks. Read as Go does:
 *
 * - `*`: every host
 * - `10.0.0.0/8`, `fd00::/8`: addresses in a range
 * - `10.1.2.3`, `[fd00::1]:443`: an address, at one port if it names one
 * - `example.com`, `example.com:443`: the host and those below it, at one port if it names one
 * - `.example.com`, `*.example.com`: the hosts below it alone
 *
 * What is none of these excepts nothing.
 */
export class ProxyExceptions {
  readonly #rules: readonly Rule[];

  constructor(list: string) {
    const entries = list.toLowerCase().split(/[\s,]+/);
    this.#rules = entries.map(parseRule).filter((rule) => rule !== undefined);
  }

  has(host: string, port: number): boolean {
    const name = host.toLowerCase().replace(/\.$/, "");
    const address = ipBytes(name);
    return this.#rules.some((rule) => rule(name, address, port));
  }
}

function parseRule(entry: string): Rule | undefined {
  if (entry === "*") return () => true;
  if (entry.includes("/")) return parseRange(entry);
  const isBelow = entry.startsWith("*.") || entry.startsWith(".");
  const parsed = parseHostPort(isBelow ? entry.slice(entry.indexOf(".") + 1) : entry);
  if ("error" in parsed) return undefined;
  const { host, port } = parsed.value;
  const isPort = (other: number) => port === undefined || port === other;
  const address = ipBytes(host);
  if (address !== undefined) return (_host, other, otherPort) => isEqual(address, other, 128) && isPort(otherPort);
  const suffix = `.${host}`;
  return (name, _address, otherPort) => ((!isBelow && name === host) || name.endsWith(suffix)) && isPort(otherPort);
}

function parseRange(entry: string): Rule | undefined {
  const [text = "", length = "", more] = entry.split("/");
  const address = ipBytes(text);
  if (address === undefined || more !== undefined || !/^\d{1,3}$/.test(length)) return undefined;
  const bits = Number(length) + (text.includes(":") ? 0 : 8 * ipv4Offset);
  return bits > 128 ? undefined : (_host, other) => isEqual(address, other, bits);
}

/** Whether two addresses begin with the same bits. */
function isEqual(a: Uint8Array, b: Uint8Array | undefined, bits: number): boolean {
  if (b === undefined) return false;
  const whole = bits >> 3;
  for (let i = 0; i < whole; i++) if (a[i] !== b[i]) return false;
  const mask = 0xff00 >> (bits & 7);
  return (bits & 7) === 0 || (((a[whole] ?? 0) ^ (b[whole] ?? 0)) & mask & 0xff) === 0;
}
