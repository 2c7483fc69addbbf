import type { Parsed } from "../../base/parsed.js";
import { hostPortName } from "../endpoint.js";
import { parseHostPort } from "../host-port.js";
import { isIpv4, isIpv6 } from "../ip-literal.js";

/** The port of DNS (RFC 1035 §4.2). */
const dnsPort = 53;

/** Reads a target's authority as the DNS server to ask, in the form that Platform.dns takes; "" for none. */
export function parseServer(authority: string): Parsed<string> {
  if (authority === "") return { value: "" };
  const parsed = parseHostPort(authority);
  // A name would have to be resolved first, by whom?
  if ("error" in parsed || !(isIpv4(parsed.value.host) || isIpv6(parsed.value.host))) {
    return { error: `its DNS server is "${authority}": expected an IP address, as in "dns://8.8.8.8/host:port"` };
  }
  const { host, port = dnsPort } = parsed.value;
  return { value: hostPortName(host, port) };
}
