/** Request-Headers as a client writes them (PROTOCOL-HTTP2, Requests). */
import { HeaderBlock } from "../hpack/header-block.js";
import type { Metadata } from "../rpc/metadata.js";
import { contentTypeOf } from "./content-type.js";
import { encodeTimeout } from "./grpc-timeout.js";
import { metadataToFields } from "./metadata-codec.js";

/** What all calls of one method to one authority have in common. */
export interface RequestPrefix {
  /** `/package.Service/Method`, byte for byte. */
  readonly path: string;
  readonly scheme: "http" | "https";
  readonly authority: string;
  readonly userAgent: string;
  /** `proto`, `json`. */
  readonly contentSubtype: string;
  /** Names joined with commas; left out when empty. */
  readonly acceptEncoding: string;
}

/** What differs from call to call. */
export interface RequestTail {
  /** Milliseconds until the deadline, above 0; Infinity without one. */
  readonly remainingMs: number;
  readonly metadata: Metadata;
  /** Of the request's messages; `identity` is not sent. */
  readonly encoding: string;
  /** Attempts before this one that a retry policy made (gRFC A6); 0 is not sent. */
  readonly previousAttempts: number;
}

/** Made once for a method and kept by the caller; HPACK keeps its bytes. */
export function createRequestPrefix(prefix: RequestPrefix): HeaderBlock {
  const fields = [
    ":method",
    "POST",
    ":scheme",
    prefix.scheme,
    ":path",
    prefix.path,
    ":authority",
    prefix.authority,
    "te",
    "trailers",
    "content-type",
    contentTypeOf(prefix.contentSubtype),
  ];
  if (prefix.acceptEncoding !== "") fields.push("grpc-accept-encoding", prefix.acceptEncoding);
  fields.push("user-agent", prefix.userAgent);
  return new HeaderBlock(fields);
}

/**
 * `prefix` itself when nothing is to be added. grpc-timeout goes behind the prefix, not in front of te as PROTOCOL-HTTP2
 * suggests: it differs in each call and would spoil the bytes that HPACK keeps.
 */
export function encodeRequest(prefix: HeaderBlock, tail: RequestTail): HeaderBlock {
  const { remainingMs, metadata, encoding, previousAttempts } = tail;
  const fields: string[] = [];
  if (remainingMs !== Number.POSITIVE_INFINITY) fields.push("grpc-timeout", encodeTimeout(remainingMs));
  if (encoding !== "identity") fields.push("grpc-encoding", encoding);
  if (previousAttempts > 0) fields.push("grpc-previous-rpc-attempts", String(previousAttempts));
  metadataToFields(metadata, fields);
  return fields.length === 0 ? prefix : new HeaderBlock(fields, prefix, metadata.secrets);
}
