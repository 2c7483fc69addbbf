import type { Parsed } from "../base/parsed.js";
import { show } from "./json.js";

export function parseBoolean(json: unknown): Parsed<boolean> {
  return typeof json === "boolean" ? { value: json } : { error: `is ${show(json)}: expected true or false` };
}
