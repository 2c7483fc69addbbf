/** Length of what goes before each message: Compressed-Flag and Message-Length (PROTOCOL-HTTP2, Length-Prefixed-Message). */
export const messagePrefixBytes = 5;

/** The largest message that a prefix can announce. */
export const maxMessageLength = 0xffff_ffff;

/** Writes the prefix at `offset`. The caller has made room and checked the length against maxMessageLength. */
export function writeMessagePrefix(bytes: Uint8Array, offset: number, compressed: boolean, length: number): void {
  bytes[offset] = compressed ? 1 : 0;
  bytes[offset + 1] = length >>> 24;
  bytes[offset + 2] = length >>> 16;
  bytes[offset + 3] = length >>> 8;
  bytes[offset + 4] = length;
}
