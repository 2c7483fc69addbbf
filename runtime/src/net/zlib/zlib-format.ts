import type { Transform } from "node:stream";
import {
  createDeflate,
  createGunzip,
  createGzip,
  createInflate,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateSync,
  type ZlibOptions,
} from "node:zlib";

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
  compressSync: gzipSync,
  decompressSync: gunzipSync,
  createCompressor: createGzip,
  createDecompressor: createGunzip,
};

export const deflateFormat: ZlibFormat = {
  name: "deflate",
  compressSync: deflateSync,
  decompressSync: inflateSync,
  createCompressor: createDeflate,
  createDecompressor: createInflate,
};
