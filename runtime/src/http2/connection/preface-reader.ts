/**
 * The first bytes of a connection. A client's must be the preface (RFC 9113 §3.4). A peer that speaks something else is
 * recognised here, so that the error can say what it speaks.
 */
import { connectionError, ErrorCode, type Violation } from "../error-code.js";

const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");
/** Enough of a server's first bytes to tell a frame header from `HTTP/1.1` and from a TLS record. */
const recognitionBytes = 5;

export interface PrefaceDone {
  /** What came behind it, to be read as frames. */
  readonly rest: Uint8Array;
}

export class PrefaceReader {
  done = false;
  readonly #role: "client" | "server";
  #seen: Buffer = Buffer.alloc(0);

  /** `role` is ours: a server reads the client's preface, a client reads frames at once. */
  constructor(role: "client" | "server") {
    this.#role = role;
  }

  /** Undefined while too little has come to tell. */
  receive(chunk: Uint8Array): PrefaceDone | Violation | undefined {
    this.#seen = this.#seen.length === 0 ? asBuffer(chunk) : Buffer.concat([this.#seen, chunk]);
    const seen = this.#seen;
    if (this.#role === "client") {
      if (seen.length < recognitionBytes) return undefined;
      const foreign = recognise(seen, "server");
      return foreign === undefined ? this.#finish(0) : connectionError(ErrorCode.PROTOCOL_ERROR, foreign);
    }
    const length = Math.min(seen.length, preface.length);
    if (seen.compare(preface, 0, length, 0, length) !== 0) {
      const message = recognise(seen, "client") ?? "the client's first bytes are not the HTTP/2 preface";
      return connectionError(ErrorCode.PROTOCOL_ERROR, message);
    }
    return length === preface.length ? this.#finish(length) : undefined;
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

/** What the peer speaks, when it is not HTTP/2 and one of the usual mistakes. */
function recognise(bytes: Buffer, who: "client" | "server"): string | undefined {
  // TLS records begin with a type (0x14 to 0x17) and the version's first byte, 3 (RFC 8446 §5.1).
  const type = bytes[0] as number;
  if (type >= 0x14 && type <= 0x17 && bytes[1] === 3) {
    return who === "client"
      ? "the client speaks TLS, this port speaks plaintext HTTP/2"
      : "the server speaks TLS on this port, plaintext HTTP/2 was expected";
  }
  const text = bytes.toString("latin1", 0, 24);
  if (who === "server" ? text.startsWith("HTTP/") : /^[A-Z]{3,10} \S/.test(text) && !text.startsWith("PRI * HTTP/2")) {
    return who === "client"
      ? "the client speaks HTTP/1.1, this port speaks HTTP/2 (gRPC) only"
      : "the server speaks HTTP/1.1, HTTP/2 was expected";
  }
  return undefined;
}
