import type { Parsed } from "../../base/parsed.js";
import { ConfigReader } from "../../service-config/config-reader.js";
import { type JsonObject, show } from "../../service-config/json.js";
import type { PolicySource } from "../load-balancing-policy.js";

/** RingHashLoadBalancingConfig of gRPC's service_config.proto (gRFC A42, A76). */
export interface RingHashConfig {
  readonly minRingSize: number;
  readonly maxRingSize: number;
  /** Calls with the same value of this header go to the same endpoint, others to any; undefined: all go to any. */
  readonly requestHashHeader: string | undefined;
}

/** Larger rings are made this large: each client pays for its ring in memory and time (gRFC A42; gRPC's ring_size_cap). */
const ringSizeCap = 4096;
/** What a config may say (gRFC A42; Envoy). */
const maxConfiguredSize = 8 * 1024 * 1024;

/** What is 0 or empty stands for the default, as everywhere in protobuf. */
export function parseRingHashConfig(
  json: JsonObject,
  path: string,
  { withoutEffect }: PolicySource,
): Parsed<RingHashConfig> {
  const reader = ConfigReader.open(json, path, ["minRingSize", "maxRingSize", "requestHashHeader"], withoutEffect);
  const minRingSize = reader.read("minRingSize", parseRingSize) || 1024;
  const maxRingSize = reader.read("maxRingSize", parseRingSize) || ringSizeCap;
  if (minRingSize > maxRingSize) {
    reader.find("minRingSize", `is ${minRingSize}: expected at most maxRingSize, which is ${maxRingSize}`);
  }
  return reader.finish({
    minRingSize: Math.min(minRingSize, ringSizeCap),
    maxRingSize: Math.min(maxRingSize, ringSizeCap),
    requestHashHeader: reader.read("requestHashHeader", parseHeaderName) || undefined,
  });
}

/** A uint64 may stand as text in protobuf's JSON. */
function parseRingSize(json: unknown): Parsed<number> {
  const size = typeof json === "string" && /^\d{1,7}$/.test(json) ? Number(json) : json;
  if (typeof size === "number" && Number.isInteger(size) && size >= 0 && size <= maxConfiguredSize) {
    return { value: size };
  }
  return { error: `is ${show(json)}: expected a whole number from 0 to ${maxConfiguredSize}` };
}

function parseHeaderName(json: unknown): Parsed<string> {
  const name = typeof json === "string" ? json.toLowerCase() : "?";
  if (/^[0-9a-z_.-]*$/.test(name) && !name.endsWith("-bin")) return { value: name };
  return { error: `is ${show(json)}: expected the name of a header of text` };
}
