import { createNodePlatform, type Platform } from "godwit";

/**
 * Whether messages came compressed, which no stub shows: a platform whose compressor remembers what it made. A large field
 * of a message is a view of those bytes; small ones are copied out of them, and so are not known again.
 */
export class CompressionWatch {
  readonly platform: Platform;
  readonly #decompressed = new WeakSet<ArrayBufferLike>();

  constructor() {
    const platform = createNodePlatform();
    const { compressor } = platform;
    const decompressed = this.#decompressed;
    const watching: Platform["compressor"] = {
      encodings: compressor.encodings,
      compress: (encoding, message, done) => compressor.compress(encoding, message, done),
      decompress: (encoding, message, maxBytes, done) =>
        compressor.decompress(encoding, message, maxBytes, (result) => {
          if (result.ok) decompressed.add(result.bytes.buffer);
          done(result);
        }),
    };
    this.platform = Object.assign(platform, { compressor: watching });
  }

  readonly wasCompressed = (bytes: Uint8Array): boolean => this.#decompressed.has(bytes.buffer);
}
