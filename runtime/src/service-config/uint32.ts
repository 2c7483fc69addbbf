import type { Parsed } from "../base/parsed.js";
import { show } from "./json.js";

/**
 * A uint32 in protobuf's JSON: a number, or its digits as text.
 *
 * @param what Says what is expected, behind "a whole number".
 */
export function parseUint32(json: unknown, what: string, least = 0, most = 0xffff_ffff): Parsed<number> {
  const number = typeof json === "string" && /^\d{1,10}$/.test(json) ? Number(json) : json;
  if (typeof number === "number" && Number.isInteger(number) && number >= least && number <= most) {
    return { value: number };
  }
  return { error: `is ${show(json)}: expected a whole number ${what}` };
}
