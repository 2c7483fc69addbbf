/** gRPC's own header values: timeouts, status messages, and the blocks that are made of them. */
import assert from "node:assert/strict";
import { flatFields, type HeaderBlock } from "../../../runtime/src/hpack/header-block.js";
import { Metadata } from "../../../runtime/src/rpc/metadata.js";
import type { Status } from "../../../runtime/src/rpc/status.js";
import { StatusCode } from "../../../runtime/src/rpc/status-code.js";
import { decodeStatusMessage, encodeStatusMessage } from "../../../runtime/src/wire/grpc-message.js";
import { encodeTimeout, parseTimeout } from "../../../runtime/src/wire/grpc-timeout.js";
import { parseRequest } from "../../../runtime/src/wire/parse-request.js";
import { encodeRequest } from "../../../runtime/src/wire/request-headers.js";
import { encodeTrailers, parseTrailers } from "../../../runtime/src/wire/trailers.js";
import type { MicroCase } from "../micro-case.js";
import { freshValues, headlineBlocks, remainingMs, requestPrefix, traceKey } from "./sample-headers.js";

const count = 256;
const codes = [StatusCode.NOT_FOUND, StatusCode.UNAVAILABLE, StatusCode.FAILED_PRECONDITION, StatusCode.INTERNAL];

const plainMessages = Array.from({ length: count }, (_, i) => `item ${i} is not on the shelf, expected one of 42`);
const richMessages = Array.from({ length: count }, (_, i) => `Artikel ${i} heißt „Größe“: 100 % ausverkauft`);

export function grpcValueCases(): readonly MicroCase[] {
  const timeouts = Array.from({ length: count }, (_, i) => remainingMs(i) / (1 + (i % 4) * 13));
  const written = timeouts.map(encodeTimeout);
  const plain = plainMessages.map(encodeStatusMessage);
  const rich = richMessages.map(encodeStatusMessage);
  assert.deepEqual(rich.map(decodeStatusMessage), richMessages);
  return [
    mapped("grpc-timeout/write", "a timeout of a tenth of a second to ten", timeouts, encodeTimeout),
    mapped("grpc-timeout/read", "the same, read", written, parseTimeout),
    mapped(
      "grpc-message/write-plain",
      "a message of 46 characters that needs no escapes",
      plainMessages,
      encodeStatusMessage,
      encodeURI,
    ),
    mapped(
      "grpc-message/write-escaped",
      "a message of 42 characters, six of which need escapes",
      richMessages,
      encodeStatusMessage,
      encodeURI,
    ),
    mapped("grpc-message/read-plain", "a message without escapes", plain, decodeStatusMessage, decodeURI),
    mapped("grpc-message/read-escaped", "a message with escapes", rich, decodeStatusMessage, decodeURI),
    requestWriteCase(),
    mapped("request/read", "a request's fields, with timeout and one value", freshBlocks(), parseRequest),
    trailersCase(),
  ];
}

/** encodeURI and decodeURI are what grpc-js has for messages. */
function mapped<T>(
  id: string,
  operation: string,
  inputs: readonly T[],
  fn: (input: T) => unknown,
  peer?: (input: T) => unknown,
): MicroCase {
  const over = (of: (input: T) => unknown) => () => {
    let last: unknown;
    for (let i = 0; i < inputs.length; i++) last = of(inputs[i] as T);
    return last;
  };
  const measured = { id, operation, operations: inputs.length, run: over(fn) };
  return peer === undefined ? measured : { ...measured, peer: { name: "encodeURI", run: over(peer) } };
}

/** As the decoder gives them: the known beginning is one object, the rest is new. */
function freshBlocks(): readonly HeaderBlock[] {
  const blocks = headlineBlocks(count);
  assert.equal(parseRequest(blocks[0] as HeaderBlock).kind, "grpc");
  assert.equal(flatFields(blocks[0] as HeaderBlock).length, flatFields(requestPrefix).length + 4);
  return blocks;
}

function requestWriteCase(): MicroCase {
  const metadata = freshValues(count).map((value) => new Metadata({ [traceKey]: value }));
  const run = (): unknown => {
    let last: unknown;
    for (let i = 0; i < count; i++) {
      last = encodeRequest(requestPrefix, {
        remainingMs: remainingMs(i),
        metadata: metadata[i] as Metadata,
        encoding: "identity",
        previousAttempts: 0,
      });
    }
    return last;
  };
  return { id: "request/write", operation: "a request's fields, with timeout and one value", operations: count, run };
}

function trailersCase(): MicroCase {
  const statuses = plainMessages.map(
    (message, i): Status => ({ code: codes[i % codes.length] as StatusCode, message }),
  );
  const run = (): unknown => {
    let last: unknown;
    for (const status of statuses) last = parseTrailers(encodeTrailers(status));
    return last;
  };
  assert.deepEqual(run(), statuses.at(-1));
  return {
    id: "trailers/error",
    operation: "trailers with code and message, written and read",
    operations: count,
    run,
  };
}
