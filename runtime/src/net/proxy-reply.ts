import { Buffer } from "node:buffer";

/** Bytes of a proxy's answer that are read for its head (Node's own limit of a header section). */
export const maxReplyBytes = 16 * 1024;
/** Characters of what a proxy said that a sentence repeats. */
const quotedCharacters = 60;
const statusPattern = /^HTTP\/1\.\d (\d{3})(?: (.*))?$/;
const protocol = Buffer.from("HTTP/1.", "latin1");

export type ProxyReplyResult =
  | "more"
  /** The tunnel stands. `rest` is what came behind the head: the first bytes of the server. */
  | { readonly rest: Uint8Array }
  /** One clause about the proxy. */
  | { readonly error: string };

/**
 * Reads the head of a proxy's answer to CONNECT (RFC 9110 §9.3.6, RFC 9112). Any status of 2xx opens the tunnel, whatever
 * its headers say of a body; one of 1xx is passed over.
 */
export class ProxyReply {
  #bytes: Buffer = Buffer.alloc(0);
  /** Where the search for the end of the head goes on. */
  #searched = 0;
  /** Of heads that were passed over. */
  #passedBytes = 0;
  readonly #secret: string;

  /** @param secret What the proxy was told of us: what repeats it is not quoted. Empty: nothing. */
  constructor(secret = "") {
    this.#secret = secret;
  }

  push(chunk: Uint8Array): ProxyReplyResult {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    for (;;) {
      const begin = this.#bytes.subarray(0, protocol.length);
      if (!protocol.subarray(0, begin.length).equals(begin)) {
        return { error: `does not speak HTTP/1.1: its answer begins with ${this.#quoted(this.#bytes)}` };
      }
      const end = this.#findEnd();
      if (this.#passedBytes + (end ?? this.#bytes.length) > maxReplyBytes) {
        return { error: `answered with a header section of more than ${maxReplyBytes} bytes` };
      }
      if (end === undefined) return "more";
      const status = this.#readStatus(end);
      if (status === "interim") continue;
      return status;
    }
  }

  /** Behind the empty line; lines may end with LF alone (RFC 9112 §2.2). */
  #findEnd(): number | undefined {
    const bytes = this.#bytes;
    for (let at = bytes.indexOf(0x0a, this.#searched); at !== -1; at = bytes.indexOf(0x0a, at + 1)) {
      const next = bytes[at + 1] === 0x0d ? at + 2 : at + 1;
      if (next >= bytes.length) {
        this.#searched = at;
        return undefined;
      }
      if (bytes[next] === 0x0a) return next + 1;
    }
    this.#searched = bytes.length;
    return undefined;
  }

  #readStatus(end: number): "interim" | Exclude<ProxyReplyResult, "more"> {
    const line = this.#bytes.subarray(0, this.#bytes.indexOf(0x0a)).toString("latin1").replace(/\r$/, "");
    const match = statusPattern.exec(line);
    if (match === null)
      return { error: `does not speak HTTP/1.1: its answer begins with ${this.#quoted(this.#bytes)}` };
    const code = Number(match[1]);
    const rest = this.#bytes.subarray(end);
    if (code >= 200 && code <= 299) return { rest };
    if (code >= 100 && code <= 199) {
      this.#passedBytes += end;
      this.#bytes = rest;
      this.#searched = 0;
      return "interim";
    }
    const reason = match[2] === undefined || match[2] === "" ? "" : ` ${this.#quoted(Buffer.from(match[2], "latin1"))}`;
    const hint = code === 407 ? " (it wants other credentials than the proxy's URL has)" : "";
    return { error: `answered ${code}${reason}, expected 200${hint}` };
  }

  /** A peer's words, in one line and not too many. */
  #quoted(bytes: Buffer): string {
    if (this.#secret !== "" && bytes.includes(this.#secret, 0, "latin1")) return '"…"';
    const text = bytes
      .subarray(0, quotedCharacters)
      .toString("latin1")
      .replace(/[^\x20-\x7e]/g, ".");
    return `${JSON.stringify(text)}${bytes.length > quotedCharacters ? "…" : ""}`;
  }
}
