/**
 * The first message of a TLS handshake by hand (RFC 5246 §7.4.1.2): no library of today offers what a server must refuse.
 */
import { randomBytes } from "node:crypto";

export const tlsVersion = { "1.1": 0x0302, "1.2": 0x0303 } as const;

export interface ClientHello {
  /** The newest that the client speaks. */
  readonly version: number;
  readonly suites: readonly number[];
  /** Protocols of the application, the best first (RFC 7301). */
  readonly alpn: readonly string[];
}

const contentType = { alert: 21, handshake: 22 } as const;
const clientHello = 1;
const extension = { groups: 10, pointFormats: 11, signatures: 13, alpn: 16, renegotiation: 0xff01 } as const;
/** secp256r1 and x25519. */
const groups = [0x0017, 0x001d];
/** ECDSA and RSA, as old and as new as they are signed with anywhere. */
const signatures = [0x0403, 0x0804, 0x0401, 0x0203, 0x0201];

/** The record that opens the handshake. */
export function encodeClientHello({ version, suites, alpn }: ClientHello): Buffer {
  const extensions = [
    [extension.groups, sized(2, uint16(...groups))],
    [extension.pointFormats, sized(1, Buffer.of(0))],
    [extension.signatures, sized(2, uint16(...signatures))],
    [extension.alpn, sized(2, ...alpn.map((name) => sized(1, Buffer.from(name))))],
    [extension.renegotiation, sized(1)],
  ] as const;
  const body = Buffer.concat([
    uint16(version),
    randomBytes(32),
    sized(1), // no session to resume
    sized(2, uint16(...suites)),
    sized(1, Buffer.of(0)), // no compression
    sized(2, ...extensions.map(([type, value]) => Buffer.concat([uint16(type), sized(2, value)]))),
  ]);
  const handshake = Buffer.concat([Buffer.of(clientHello), sized(3, body)]);
  return Buffer.concat([Buffer.of(contentType.handshake), uint16(0x0301), sized(2, handshake)]);
}

/** What a server says first: the alert that ends the connection, or a message of the handshake. */
export function describeAnswer(bytes: Buffer): string {
  if (bytes[0] === contentType.alert) return `${bytes[5] === 2 ? "fatal" : "warning"} alert ${bytes[6]}`;
  return bytes[0] === contentType.handshake ? `handshake message ${bytes[5]}` : `${bytes.length} bytes`;
}

function uint16(...values: readonly number[]): Buffer {
  return Buffer.concat(values.map((value) => Buffer.of(value >> 8, value & 0xff)));
}

/** The parts behind their length, in so many octets. */
function sized(octets: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length = Buffer.alloc(octets);
  length.writeUIntBE(body.length, 0, octets);
  return Buffer.concat([length, body]);
}
