import assert from "node:assert/strict";
import { HeaderBlock } from "../../../../src/hpack/header-block.js";
import { Metadata } from "../../../../src/rpc/metadata.js";
import type { Status } from "../../../../src/rpc/status.js";
import { isStatusCode } from "../../../../src/rpc/status-code.js";
import { maxAcceptEncodings, maxMetadataEntries, maxStatusMessageBytes } from "../../../../src/wire/limits.js";
import { type ParsedRequest, parseRequest } from "../../../../src/wire/parse-request.js";
import { createRequestPrefix, encodeRequest } from "../../../../src/wire/request-headers.js";
import { createResponseHeaders, encodeResponse, parseResponseHeaders } from "../../../../src/wire/response-headers.js";
import { encodeTrailers, encodeTrailersOnly, parseTrailers } from "../../../../src/wire/trailers.js";
import type { Tape } from "../../tape.js";
import { textOf } from "./texts.js";

/** Longest sentence of our own about what a peer sent, where its own message is not repeated. */
const maxSentence = 600;

const requestNames = [":method", ":path", ":authority", "host", "content-type", "te", "grpc-timeout", "user-agent"];
const sharedNames = [
  "grpc-encoding",
  "grpc-accept-encoding",
  "grpc-previous-rpc-attempts",
  "x",
  "x-bin",
  "y-bin",
  "grpc-z",
];
const responseNames = [":status", "content-type", "grpc-status", "grpc-message", "grpc-status-details-bin"];
const valueParts = [
  ...["POST", "GET", "/s/m", "application/grpc", "application/grpc+json", "trailers", "10S", "0n", "gzip,identity"],
  ...["200", "404", "0", "5", "16", "17", "-1", "00", "%41", "QUJD", "QUI=", "A", ",", ",,,,", "4294967296"],
];

function blockOf(tape: Tape, names: readonly string[], start: readonly string[]): HeaderBlock {
  const fields = tape.oneIn(4) ? [] : [...start];
  for (let count = tape.below(9); count > 0; count--) {
    const name = tape.oneIn(2) ? tape.pick(names) : tape.pick(sharedNames);
    tape.feedText(name);
    fields.push(name, textOf(tape, valueParts, 3));
  }
  // Values that a proxy joined, more of them than are taken.
  if (tape.oneIn(64)) fields.push("x-bin", "QQ,".repeat(200 + tape.byte()));
  const cut = 2 * tape.below(8);
  const block = tape.oneIn(2) && cut < fields.length ? withPrefix(fields, cut) : new HeaderBlock(fields);
  tape.feedNumber(block.prefix === undefined ? 0 : cut);
  tape.words?.push(
    `fields ${JSON.stringify(fields)}${block.prefix === undefined ? "" : `, of them ${cut / 2} prefix`}`,
  );
  return block;
}

function withPrefix(fields: readonly string[], cut: number): HeaderBlock {
  return new HeaderBlock(fields.slice(cut), new HeaderBlock(fields.slice(0, cut)));
}

const goodRequest = [":method", "POST", ":path", "/s/m", ":authority", "a", "content-type", "application/grpc"];

export function playRequest(tape: Tape): ParsedRequest {
  const block = blockOf(tape, requestNames, goodRequest);
  const request = parseRequest(block);
  assert.equal(JSON.stringify(parseRequest(block)), JSON.stringify(request), "the same block says the same again");
  if (request.kind === "refused") {
    assert.ok([200, 400, 405, 415].includes(request.httpStatus));
    checkStatus(request.status, maxSentence);
    return request;
  }
  assert.ok(request.timeoutMs >= 0 && request.previousAttempts >= 0 && request.contentSubtype !== "");
  assert.ok(request.acceptEncodings.length <= maxAcceptEncodings);
  checkMetadata(request.metadata);
  // An application may change what it is given, and nobody else sees that.
  request.metadata.set("x-mine", "1");
  const again = parseRequest(block);
  assert.ok(again.kind === "grpc" && !again.metadata.has("x-mine"));
  return request;
}

export function playResponse(tape: Tape): unknown {
  const block = blockOf(tape, responseNames, [":status", "200", "content-type", "application/grpc"]);
  const endStream = tape.oneIn(2);
  tape.feedNumber(endStream ? 1 : 0);
  const response = parseResponseHeaders(block, endStream);
  assert.equal(JSON.stringify(parseResponseHeaders(block, endStream)), JSON.stringify(response));
  if (response.kind === "headers") checkMetadata(response.metadata);
  else checkStatus(response.status, maxSentence + block.listBytes);
  assert.ok(response.kind === "headers" ? !endStream : response.kind !== "trailersOnly" || endStream);
  return response;
}

export function playTrailers(tape: Tape): Status {
  const block = blockOf(tape, responseNames, ["grpc-status", "0"]);
  const status = parseTrailers(block);
  checkStatus(status, maxSentence + block.listBytes);
  if (status.trailers !== undefined) checkMetadata(status.trailers);
  const { retryPushbackMs: pushback } = status;
  assert.ok(pushback === undefined || (Number.isInteger(pushback) && pushback >= -1 && pushback <= 0x7fffffff));
  return status;
}

const keys = ["x", "y", "x-y_z.0", "trace-bin", "a-bin"];
const asciiValues = ["", "v", "a b", "~!@#", "%41", "1,2"];

function metadataOf(tape: Tape): Metadata {
  const metadata = new Metadata();
  for (let count = tape.below(6); count > 0; count--) {
    const key = tape.pick(keys);
    const value = key.endsWith("-bin") ? tape.octets(tape.below(12)).slice() : tape.pick(asciiValues);
    tape.feedText(`${key}=${value}`);
    metadata.append(key, value);
  }
  return metadata;
}

/** What one side writes the other reads: a request. */
export function playSentRequest(tape: Tape): ParsedRequest {
  const metadata = metadataOf(tape);
  const contentSubtype = tape.pick(["proto", "json", "x"]);
  const encoding = tape.pick(["identity", "gzip"]);
  const acceptEncoding = tape.pick(["", "gzip", "identity,gzip,deflate"]);
  const previousAttempts = tape.below(3);
  const remainingMs = tape.oneIn(3) ? Number.POSITIVE_INFINITY : tape.uint16() / 8 + 1;
  tape.feedText(`${contentSubtype} ${encoding} ${acceptEncoding} ${previousAttempts} ${remainingMs}`);
  const prefix = createRequestPrefix({
    path: "/s/m",
    scheme: "http",
    authority: "a:1",
    userAgent: "u",
    contentSubtype,
    acceptEncoding,
  });
  const request = parseRequest(encodeRequest(prefix, { remainingMs, metadata, encoding, previousAttempts }));
  assert.ok(request.kind === "grpc");
  assert.equal(JSON.stringify(request.metadata), JSON.stringify(metadata));
  const { timeoutMs } = request;
  assert.ok(timeoutMs >= remainingMs && (timeoutMs === remainingMs || timeoutMs < remainingMs * 1.001));
  assert.equal(request.path, "/s/m");
  assert.equal(request.authority, "a:1");
  assert.equal(request.contentSubtype, contentSubtype);
  assert.equal(request.encoding, encoding);
  assert.equal(request.previousAttempts, previousAttempts);
  return request;
}

/** A response's headers and a status, behind each other and in one block. */
export function playSentStatus(tape: Tape): Status {
  const trailers = metadataOf(tape);
  const status: Status = {
    code: tape.below(17) as Status["code"],
    message: tape.pick(["", "m", " spaces ", "%", "\u20ac\n", "\ud83d\ude00"]),
    ...(tape.oneIn(3) && { details: tape.octets(tape.below(20)).slice() }),
    ...(tape.oneIn(4) && { retryPushbackMs: tape.uint16() }),
    ...(trailers.size > 0 && { trailers }),
  };
  tape.feedText(`${status.code} ${status.message} ${status.details} ${status.retryPushbackMs}`);
  const received = parseTrailers(encodeTrailers(status));
  assert.equal(received.code, status.code);
  if (status.code !== 0) assert.equal(received.message, status.message);
  assert.equal(JSON.stringify(received.trailers ?? {}), JSON.stringify(trailers));
  assert.equal(hexOf(received.details), hexOf(status.details));
  assert.equal(received.retryPushbackMs, status.retryPushbackMs);
  const only = parseResponseHeaders(encodeTrailersOnly(status, "proto", tape.pick(["", "gzip"])), true);
  assert.ok(only.kind === "trailersOnly");
  assert.equal(JSON.stringify(only.status), JSON.stringify(received));
  const headers = encodeResponse(createResponseHeaders("json", "gzip", "gzip"), trailers);
  const response = parseResponseHeaders(headers, false);
  assert.ok(response.kind === "headers" && response.encoding === "gzip");
  assert.equal(JSON.stringify(response.metadata), JSON.stringify(trailers));
  return received;
}

function hexOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes && Buffer.from(bytes).toString("hex");
}

function checkStatus(status: Status, maxLength: number): void {
  assert.ok(isStatusCode(status.code));
  assert.ok(
    status.message.length <= maxLength + maxStatusMessageBytes,
    `message has ${status.message.length} characters`,
  );
}

function checkMetadata(metadata: Metadata): void {
  // One more field's worth may come in before the limit is looked at.
  assert.ok(metadata.size <= maxMetadataEntries + 128, `metadata has ${metadata.size} entries`);
  metadata.forEach((key, value) => {
    assert.equal(value instanceof Uint8Array, key.endsWith("-bin"));
    assert.ok(!key.startsWith(":") && !key.startsWith("grpc-") && key !== "content-type");
  });
}
