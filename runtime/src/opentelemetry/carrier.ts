import type { TextMapGetter, TextMapSetter } from "@opentelemetry/api";
import type { Metadata } from "../index.js";

/** Writes into metadata what a propagator wants to send; a value of a `-bin` key comes as base64 (gRFC A72). */
export const metadataSetter: TextMapSetter<Metadata> = {
  set(metadata, key, value) {
    metadata.set(key, key.toLowerCase().endsWith("-bin") ? Buffer.from(value, "base64") : value);
  },
};

/** The other way round. */
export const metadataGetter: TextMapGetter<Metadata> = {
  keys: (metadata) => [...new Set([...metadata].map(([key]) => key))],
  get(metadata, key) {
    const value = metadata.get(key);
    return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value;
  },
};
