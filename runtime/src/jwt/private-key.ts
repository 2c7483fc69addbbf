import { type Platform, StatusCode, StatusError } from "../index.js";
import { type Jose, loadJose } from "./load-jose.js";
import type { PrivateKeySource } from "./private-key-source.js";

/** A key that signs, and what its file says besides. */
export interface PrivateKey {
  readonly key: Awaited<ReturnType<Jose["importPKCS8"]>> | Uint8Array;
  readonly keyId: string | undefined;
  /** `client_email` of a service account. */
  readonly account: string | undefined;
}

const maxBytes = 64 * 1024;

/** Read anew for each token, since whoever rotates keys replaces the file. Rejects with a sentence without a word of the key. */
export async function readPrivateKey(
  source: PrivateKeySource,
  algorithm: string,
  platform: Platform,
): Promise<PrivateKey> {
  const where = typeof source === "string" ? "the private key" : `the private key in ${source.file}`;
  const text = typeof source === "string" ? source : await readFile(source.file, platform);
  const jose = await loadJose();
  const json = text.trimStart().startsWith("{") ? parseObject(text) : undefined;
  try {
    if (typeof json?.kty === "string") {
      return { key: await jose.importJWK(json, algorithm), keyId: textOf(json.kid), account: undefined };
    }
    const pem = json === undefined ? text : String(json.private_key);
    const key = await jose.importPKCS8(pem.trim(), algorithm);
    return { key, keyId: textOf(json?.private_key_id), account: textOf(json?.client_email) };
  } catch {
    // What the library says of it may repeat a part of it.
    const expected = `PKCS#8 in PEM ("BEGIN PRIVATE KEY"), a JWK, or a service account's JSON, for ${algorithm}`;
    throw new StatusError(StatusCode.UNAUTHENTICATED, `${where} cannot be used: expected ${expected}`);
  }
}

async function readFile(path: string, platform: Platform): Promise<string> {
  const content = await platform.files.read(path, maxBytes).catch((cause: Error) => {
    throw new StatusError(StatusCode.UNAVAILABLE, cause.message, { cause });
  });
  if (content === undefined) throw new StatusError(StatusCode.UNAVAILABLE, `cannot read ${path}: no such file`);
  return new TextDecoder().decode(content);
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
