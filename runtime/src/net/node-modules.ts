/**
 * Node's modules that many programs never need, loaded when they are first used. A start without them is 6 ms shorter, and
 * what needs them stays synchronous, as it would not behind `import()`.
 */
import type * as Crypto from "node:crypto";
import type * as Dns from "node:dns/promises";
import type * as Tls from "node:tls";
import type * as Zlib from "node:zlib";

export function nodeTls(): typeof Tls {
  return process.getBuiltinModule("node:tls");
}

export function nodeCrypto(): typeof Crypto {
  return process.getBuiltinModule("node:crypto");
}

export function nodeDns(): typeof Dns {
  return process.getBuiltinModule("node:dns/promises");
}

export function nodeZlib(): typeof Zlib {
  return process.getBuiltinModule("node:zlib");
}
