/**
 * The first bytes of a connection. A client's must be the preface (RFC 9113 §3.4). A peer that speaks something else is
 * recognised here, so that the error can say what it speaks: by the first byte that is wrong and those before it, so
 * that the answer does not depend on how the bytes were cut.
 */
import { connectionError, ErrorCode, type Violation } from "../error-code.js";
import type { Role } from "../role.js";

const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");
/** Enough of a server's first bytes to tell a frame header from `HTTP/1.1` and from a TLS record. */
const recognitionBytes = 5;

export interface PrefaceDone {
  /** What came behind it, to be read as frames. */
  readonly rest: Uint8Array;
}

export class PrefaceReader {
  done = false;
  readonly #role: Role;
  #seen: Buffer = Buffer.alloc(0);

  /** `role` is ours: a server reads the client's preface, a client reads frames at once. */
  constructor(role: Role) {
    this.#role = role;
  }

  /** Undefined while too little has come to tell. */
  receive(chunk: Uint8Array): PrefaceDone | Violation | undefined {
    this.#seen = this.#seen.length === 0 ? asBuffer(chunk) : Buffer.concat([this.#seen, chunk]);
    return this.#role === "server" ? this.#readClient() : this.#readServer();
  }

  #readClient(): PrefaceDone | Violation | undefined {
    const seen = this.#seen;
    const length = Math.min(seen.length, preface.length);
    for (let at = 0; at < length; at++) {
      if (seen[at] !== preface[at]) return connectionError(ErrorCode.PROTOCOL_ERROR, describeClient(seen, at));
    }
    return length === preface.length ? this.#finish(length) : undefined;
  }

  #readServer(): PrefaceDone | Violation | undefined {
    const seen = this.#seen;
    if (seen.length < recognitionBytes) return undefined;
    if (isTlsRecord(seen[0] as number) && seen[1] === 3) {
      const message = "the server speaks TLS on this port, plaintext HTTP/2 was expected";
      return connectionError(ErrorCode.PROTOCOL_ERROR, message);
    }
    if (seen.toString("latin1", 0, recognitionBytes) === "HTTP/") {
      return connectionError(ErrorCode.PROTOCOL_ERROR, "the server speaks HTTP/1.1, HTTP/2 was expected");
    }
    return this.#finish(0);
  }

  #finish(offset: number): PrefaceDone {
    this.done = true;
    const rest = this.#seen.subarray(offset);
    this.#seen = Buffer.alloc(0);
    return { rest };
  }
}

function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

/** What a client speaks whose byte `at` is the first that is not the preface's. */
function describeClient(bytes: Buffer, at: number): string {
  const wrong = bytes[at] as number;
  if (at === 0 && isTlsRecord(wrong)) return "the client speaks TLS, this port speaks plaintext HTTP/2";
  // Every usual method differs from "PRI " within these bytes: GET, HEAD, POST, PUT, PATCH, OPTIONS.
  if (at <= 3 && wrong >= 0x41 && wrong <= 0x5a) {
    return "the client speaks HTTP/1.1, this port speaks HTTP/2 (gRPC) only";
  }
  return "the client's first bytes are not the HTTP/2 preface";
}

/** The types of TLS records (RFC 8446 §5.1). */
function isTlsRecord(type: number): boolean {
  return type >= 0x14 && type <= 0x17;
}
