import type { Transform } from "node:stream";
import type { ZlibOptions } from "node:zlib";
import { nodeZlib } from "../node-modules.js";

/** A compressor or decompressor at work; `bytesWritten` is the input that it has used. */
export interface ZlibEngine extends Transform {
  readonly bytesWritten: number;
}

/** One of zlib's wrappings of the same DEFLATE stream (RFC 1951). */
export interface ZlibFormat {
  /** As in grpc-encoding. */
  readonly name: string;
  readonly compressSync: (message: Uint8Array) => Buffer;
  readonly decompressSync: (message: Uint8Array, options: ZlibOptions) => Buffer;
  readonly createCompressor: (options: ZlibOptions) => ZlibEngine;
  readonly createDecompressor: (options: ZlibOptions) => ZlibEngine;
}

export const gzipFormat: ZlibFormat = {
  name: "gzip",
  compressSync: (message) => nodeZlib().gzipSync(message),
  decompressSync: (message, options) => nodeZlib().gunzipSync(message, options),
  createCompressor: (options) => nodeZlib().createGzip(options),
  createDecompressor: (options) => nodeZlib().createGunzip(options),
};

export const deflateFormat: ZlibFormat = {
  name: "deflate",
  compressSync: (message) => nodeZlib().deflateSync(message),
  decompressSync: (message, options) => nodeZlib().inflateSync(message, options),
  createCompressor: (options) => nodeZlib().createDeflate(options),
  createDecompressor: (options) => nodeZlib().createInflate(options),
};
