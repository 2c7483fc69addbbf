import type { RequestHeaders } from "../rpc/invoker.js";
import { isReservedKey, type Metadata, type MetadataValue } from "../rpc/metadata.js";

/**
 * The value that a header rule is compared with (gRFC A43, A41): all values of the key joined by commas, in their order;
 * those of `-bin` keys in base64 without padding. Undefined when the call has none. @param key In lower case.
 */
export function requestHeader(headers: RequestHeaders, key: string): string | undefined {
  // content-type, user-agent and their like are no metadata.
  return isReservedKey(key) ? headers.fields?.httpField(key) : joinedValues(headers.metadata, key);
}

function joinedValues(metadata: Metadata, key: string): string | undefined {
  let joined: string | undefined;
  metadata.forEach((name, value) => {
    if (name !== key) return;
    joined = joined === undefined ? textOf(value) : `${joined},${textOf(value)}`;
  });
  return joined;
}

function textOf(value: MetadataValue): string {
  if (typeof value === "string") return value;
  const { buffer, byteOffset, byteLength } = value;
  return Buffer.from(buffer, byteOffset, byteLength).toString("base64").replace(/=+$/, "");
}
