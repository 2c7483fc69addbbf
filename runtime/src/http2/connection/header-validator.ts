/** What makes a header list malformed (RFC 9113 §8.2, §8.3). Each function gives one sentence, or undefined when all is well. */
import { flatFields, type HeaderBlock } from "../../hpack/header-block.js";

const namePattern = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the octets that RFC 9113 §8.2.1 forbids.
const badValuePattern = /[\x00\r\n]|^[ \t]|[ \t]$/;

/** RFC 9113 §8.2.2. */
const connectionSpecific: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);

/** Names found valid, so that the few that recur cost one look-up. Bounded: it is a cache, whatever peers send. */
const validNames = new Set<string>();
const validNamesLimit = 512;

function nameIsValid(name: string): boolean {
  if (validNames.has(name)) return true;
  if (!namePattern.test(name) || connectionSpecific.has(name)) return false;
  if (validNames.size < validNamesLimit && name.length <= 64) validNames.add(name);
  return true;
}

function describeField(name: string, value: string): string | undefined {
  if (!nameIsValid(name)) {
    if (connectionSpecific.has(name)) return `header field "${name}" belongs to HTTP/1.1 and is not allowed`;
    return `header field name ${JSON.stringify(name.slice(0, 64))} is not valid: expected a token in lower case`;
  }
  if (badValuePattern.test(value)) return `value of header field "${name}" holds a forbidden character`;
  if (name === "te" && value !== "trailers")
    return `header field "te" is ${JSON.stringify(value.slice(0, 64))}, expected "trailers"`;
  return undefined;
}

/** Checks the fields from `index` on, none of which may be a pseudo-header. */
export function checkRegular(fields: readonly string[], index: number): string | undefined {
  for (let i = index; i < fields.length; i += 2) {
    const name = fields[i] as string;
    if (name.charCodeAt(0) === 0x3a) {
      return `pseudo-header field ${JSON.stringify(name.slice(0, 64))} is not allowed here`;
    }
    const problem = describeField(name, fields[i + 1] as string);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** RFC 9113 §8.3.1. CONNECT is not served, so all of :method, :scheme and :path are needed. */
export function checkRequest(block: HeaderBlock): string | undefined {
  const fields = flatFields(block);
  let method = 0;
  let scheme = 0;
  let path = 0;
  let authority = 0;
  let i = 0;
  for (; i < fields.length; i += 2) {
    const name = fields[i] as string;
    if (name.charCodeAt(0) !== 0x3a) break;
    if (name === ":method") method += 1;
    else if (name === ":scheme") scheme += 1;
    else if (name === ":path") path += 1;
    else if (name === ":authority") authority += 1;
    else return `pseudo-header field ${JSON.stringify(name.slice(0, 64))} is not one of a request`;
    const value = fields[i + 1] as string;
    if (value.length === 0 && name !== ":authority") return `pseudo-header field "${name}" is empty`;
    if (badValuePattern.test(value)) return `value of pseudo-header field "${name}" holds a forbidden character`;
    if (name === ":authority" && value.includes("@")) return `pseudo-header field ":authority" holds user information`;
  }
  if (method !== 1 || scheme !== 1 || path !== 1 || authority > 1) {
    return "request must have :method, :scheme and :path once each and :authority at most once";
  }
  return checkRegular(fields, i);
}

/** RFC 9113 §8.3.2. */
export function checkResponse(block: HeaderBlock): string | undefined {
  const fields = flatFields(block);
  if (fields[0] !== ":status") return "response does not begin with :status";
  if (!/^[1-9][0-9][0-9]$/.test(fields[1] as string)) {
    return `:status is ${JSON.stringify((fields[1] as string).slice(0, 64))}, expected three digits`;
  }
  // RFC 9113 §8.6.
  if (fields[1] === "101") return ":status is 101: HTTP/2 has no upgrades";
  return checkRegular(fields, 2);
}

/** RFC 9113 §8.1: trailers have no pseudo-header fields. */
export function checkTrailers(block: HeaderBlock): string | undefined {
  return checkRegular(flatFields(block), 0);
}

/** Value of content-length: -1 when absent, undefined when malformed or contradictory (RFC 9110 §8.6). */
export function contentLengthOf(block: HeaderBlock): number | undefined {
  let length = block.prefix === undefined ? -1 : contentLengthOf(block.prefix);
  if (length === undefined) return undefined;
  const { fields } = block;
  for (let i = 0; i < fields.length; i += 2) {
    if (fields[i] !== "content-length") continue;
    const text = fields[i + 1] as string;
    const value = /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined;
    if (value === undefined || (length >= 0 && length !== value)) return undefined;
    length = value;
  }
  return length;
}
