import type { Parsed } from "../base/parsed.js";
import type { Address } from "../base/platform.js";
import { textOfThrown } from "../base/text-of-thrown.js";
import { isPrintableAscii } from "./address-check.js";

/**
 * What a proxy on the way to an address is told of us. To be asked once an attempt: the next answer may be another token, and
 * an application that makes tokens may fail to.
 */
export function proxyAuthorization(address: Address): Parsed<string | undefined> {
  if (address.transport !== "tcp" || address.proxy === undefined) return { value: undefined };
  try {
    const value = address.proxy.authorization();
    if (value === undefined || isPrintableAscii(value)) return { value };
    return { error: "the proxy's authorization is not printable ASCII" };
  } catch (error) {
    return { error: `the proxy's authorization cannot be had: ${textOfThrown(error)}` };
  }
}
