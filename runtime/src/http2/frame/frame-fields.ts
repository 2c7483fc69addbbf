/** Numbers in frames: big-endian (RFC 9113 §4.1). */

export function readUint32(bytes: Uint8Array, offset: number): number {
  return readUint31(bytes, offset) + ((bytes[offset] as number) >= 0x80 ? 0x80000000 : 0);
}

/** 31 bits, as stream ids and window increments have; the reserved bit is ignored. */
export function readUint31(bytes: Uint8Array, offset: number): number {
  return (
    (((bytes[offset] as number) & 0x7f) << 24) |
    ((bytes[offset + 1] as number) << 16) |
    ((bytes[offset + 2] as number) << 8) |
    (bytes[offset + 3] as number)
  );
}
