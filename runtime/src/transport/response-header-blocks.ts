import type { Compressor } from "../base/platform.js";
import type { HeaderBlock } from "../hpack/header-block.js";
import { defaultSubtype } from "../wire/content-type.js";
import { createResponseHeaders } from "../wire/response-headers.js";

/** What the answers of a server begin with: the same blocks on all of its connections. */
export class ResponseHeaderBlocks {
  /** For grpc-accept-encoding. */
  readonly acceptEncoding: string;
  readonly #compression: string;
  /** Of messages in the default format. */
  readonly #plain: HeaderBlock;
  readonly #compressed: HeaderBlock;

  /** `compression`: encoding of answers for clients that accept it. */
  constructor(compressor: Compressor, compression: string | undefined) {
    this.acceptEncoding = compressor.encodings.join(",");
    this.#compression = compression ?? "identity";
    this.#plain = this.#create(defaultSubtype, false);
    this.#compressed = this.#create(defaultSubtype, true);
  }

  get(contentSubtype: string, compressed: boolean): HeaderBlock {
    if (contentSubtype !== defaultSubtype) return this.#create(contentSubtype, compressed);
    return compressed ? this.#compressed : this.#plain;
  }

  #create(contentSubtype: string, compressed: boolean): HeaderBlock {
    return createResponseHeaders(contentSubtype, compressed ? this.#compression : "identity", this.acceptEncoding);
  }
}
