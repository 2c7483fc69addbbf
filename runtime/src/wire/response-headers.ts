/** Response-Headers (PROTOCOL-HTTP2, Responses): written by a server, read by a client. */
import { flatFields, HeaderBlock } from "../hpack/header-block.js";
import { Metadata, type MetadataValue } from "../rpc/metadata.js";
import type { Status } from "../rpc/status.js";
import { StatusCode } from "../rpc/status-code.js";
import { contentTypeOf, parseContentType } from "./content-type.js";
import { statusOfHttp } from "./http-status.js";
import { collectMetadata, metadataToFields, toMetadata } from "./metadata-codec.js";
import { parseTrailers } from "./trailers.js";

/** What a client makes of the first block of a response. */
export type ParsedResponse =
  | { readonly kind: "headers"; readonly encoding: string; readonly metadata: Metadata }
  /** The server's own answer, without messages: the only one that a retry policy may look at (gRFC A6). */
  | { readonly kind: "trailersOnly"; readonly status: Status }
  /** Not gRPC, or malformed; unless the stream has ended the caller resets it. */
  | { readonly kind: "status"; readonly status: Status };

/** The part that all answers of a kind share: made once, kept by the caller. `acceptEncoding` is left out when empty. */
export function createResponseHeaders(contentSubtype: string, encoding: string, acceptEncoding: string): HeaderBlock {
  const fields = [":status", "200", "content-type", contentTypeOf(contentSubtype)];
  if (encoding !== "identity") fields.push("grpc-encoding", encoding);
  if (acceptEncoding !== "") fields.push("grpc-accept-encoding", acceptEncoding);
  return new HeaderBlock(fields);
}

/** `headers` itself when there is no metadata. */
export function encodeResponse(headers: HeaderBlock, metadata: Metadata): HeaderBlock {
  if (metadata.size === 0) return headers;
  const fields: string[] = [];
  metadataToFields(metadata, fields);
  return new HeaderBlock(fields, headers);
}

/**
 * The last block without metadata that was read, and its encoding: HPACK hands out the same instance for equal blocks.
 * Nothing of an application's is kept here.
 */
let plainBlock: HeaderBlock | undefined;
let plainEncoding = "";

/** Reads the first block of a response; 1xx have been skipped. */
export function parseResponseHeaders(block: HeaderBlock, endStream: boolean): ParsedResponse {
  if (block === plainBlock && !endStream) {
    return { kind: "headers", encoding: plainEncoding, metadata: new Metadata() };
  }
  const fields = flatFields(block);
  let httpStatus: string | undefined;
  let contentType: string | undefined;
  let encoding = "identity";
  let hasGrpcStatus = false;
  let error: string | undefined;
  const entries: MetadataValue[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i] as string;
    const value = fields[i + 1] as string;
    if (name === ":status") httpStatus = value;
    else if (name === "content-type") contentType ??= value;
    else if (name === "grpc-encoding") encoding = value;
    else if (name === "grpc-status") hasGrpcStatus = true;
    else error ??= collectMetadata(name, value, entries);
  }
  // "If grpc-status was provided, it must be used" (doc/http-grpc-status-mapping.md), whatever stands beside it.
  if (endStream && hasGrpcStatus) return { kind: "trailersOnly", status: parseTrailers(block) };
  if (endStream || httpStatus !== "200" || parseContentType(contentType) === undefined) {
    return { kind: "status", status: statusOfHttp(httpStatus, contentType) };
  }
  if (error !== undefined) return { kind: "status", status: { code: StatusCode.INTERNAL, message: error } };
  if (entries.length === 0) {
    plainBlock = block;
    plainEncoding = encoding;
  }
  return { kind: "headers", encoding, metadata: toMetadata(entries) };
}
