import type { Platform } from "../index.js";
import type { JwtAuthenticatorOptions } from "./jwt-options.js";
import { type PublicKey, parseJwks } from "./public-keys.js";

/** Bytes of a JWK Set. */
const maxBytes = 256 * 1024;
/** An issuer that is slower than this is down. */
const timeoutMs = 10_000;

/** Where keys come from, and how often they are asked for. Times in milliseconds. */
export interface KeySource {
  readonly refreshMs: number;
  readonly cooldownMs: number;
  /** Rejects with one sentence. */
  load(platform: Platform): Promise<readonly PublicKey[]>;
}

/** Throws TypeError in one sentence. */
export function keySource({ jwks, refreshMs, cooldownMs }: JwtAuthenticatorOptions): KeySource {
  const source: unknown = jwks;
  if (typeof source !== "object" || source === null) {
    throw new TypeError("jwks is no object: expected { url }, { file } or { keys }");
  }
  const [kind, ...others] = Object.keys(source);
  const value: unknown = kind === undefined ? undefined : (source as Readonly<Record<string, unknown>>)[kind];
  if (others.length === 0 && kind === "keys") {
    const keys = valid(parseJwks(JSON.stringify({ keys: value })));
    return { refreshMs: Number.POSITIVE_INFINITY, cooldownMs: Number.POSITIVE_INFINITY, load: async () => keys };
  }
  if (others.length === 0 && typeof value === "string" && value !== "") {
    if (kind === "url") {
      checkUrl(value);
      return {
        refreshMs: refreshMs ?? 300_000,
        cooldownMs: cooldownMs ?? 30_000,
        load: (platform) => fetchKeys(platform, value),
      };
    }
    if (kind === "file") {
      return {
        refreshMs: refreshMs ?? 10_000,
        cooldownMs: cooldownMs ?? 1000,
        load: (platform) => readKeys(platform, value),
      };
    }
  }
  throw new TypeError("jwks is none: expected { url }, { file } or { keys }");
}

/** Which hosts may be asked without TLS is the platform's to say. */
function checkUrl(url: string): void {
  if (/^https?:\/\/./i.test(url) && URL.canParse(url)) return;
  throw new TypeError("jwks.url is no URL: expected https://host/path");
}

async function fetchKeys(platform: Platform, url: string): Promise<readonly PublicKey[]> {
  const headers = { accept: "application/jwk-set+json, application/json" };
  const { status, body } = await platform.fetch({ method: "GET", url, headers, timeoutMs, maxBytes });
  if (status !== 200) throw new Error(`${shown(url)} answered ${status}`);
  return keysIn(body, shown(url));
}

async function readKeys(platform: Platform, path: string): Promise<readonly PublicKey[]> {
  const content = await platform.files.read(path, maxBytes);
  if (content === undefined) throw new Error(`${path} does not exist`);
  return keysIn(content, path);
}

function keysIn(content: Uint8Array, where: string): readonly PublicKey[] {
  const parsed = parseJwks(new TextDecoder().decode(content));
  if ("error" in parsed) throw new Error(`${where} ${parsed.error}`);
  return parsed.value;
}

function valid(parsed: ReturnType<typeof parseJwks>): readonly PublicKey[] {
  if ("error" in parsed) throw new TypeError(`jwks ${parsed.error}`);
  return parsed.value;
}

/** Without its query, which may hold a secret. */
function shown(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
