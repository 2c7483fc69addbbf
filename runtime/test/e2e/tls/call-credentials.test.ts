import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { createSecureServer, sensitiveHeaders } from "node:http2";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { inspect } from "node:util";
import {
  bearerToken,
  type CallCredentials,
  type ChannelCredentials,
  combineCredentials,
  type HandlerContext,
  insecure,
  oauthClientCredentials,
  StatusCode,
  StatusError,
  tls,
  tokenFile,
} from "godwit";
import { failureOf, openLoopback } from "../loopback.js";
import { authority, good, openClient, openSecure } from "./secure-loopback.js";

const secret = "s3cr3t-t0ken-that-nobody-may-see";
const key = "k3y-that-nobody-may-see";

/** A server that keeps the authorization of each call. */
async function openWatched(options: Parameters<typeof openSecure>[0] = {}) {
  const seen: unknown[] = [];
  const unary = ({ id }: { id: string }, { metadata }: HandlerContext) => {
    seen.push(metadata.get("authorization"));
    return { id };
  };
  const loopback = await openSecure({ ...options, handlers: { unary } });
  return { loopback, seen };
}

function secured(...calls: CallCredentials[]): { readonly credentials: ChannelCredentials } {
  return { credentials: combineCredentials(tls({ roots: authority.certificate }), ...calls) };
}

describe("call credentials over TLS", () => {
  it("of a channel and of a call reach the server", async () => {
    const { loopback, seen } = await openWatched();
    await using _ = loopback;
    const { echo } = loopback.connect({}, secured(bearerToken("channel")));
    await echo.unary({});
    await echo.unary({}, { credentials: bearerToken(async () => "call") });
    await echo.unary({}, { metadata: { authorization: "Basic forwarded" } });
    assert.deepEqual(seen, ["Bearer channel", "Bearer call", "Bearer channel"]);
  });

  it("come from a file that is replaced", async () => {
    const { loopback, seen } = await openWatched();
    await using _ = loopback;
    const folder = await mkdtemp(join(tmpdir(), "godwit-token-"));
    const path = join(folder, "token");
    try {
      await writeFile(path, "one\n");
      const { echo } = loopback.connect({}, secured(tokenFile(path, { refreshMs: 1e-6 })));
      await echo.unary({});
      await writeFile(path, "two\n");
      await echo.unary({});
    } finally {
      await rm(folder, { recursive: true });
    }
    assert.deepEqual(seen, ["Bearer one", "Bearer two"]);
  });

  it("come from a token endpoint, which many calls ask once", async () => {
    let asked = 0;
    const issuer = createHttpServer((_request, response) => {
      asked++;
      response.end(JSON.stringify({ access_token: `t${asked}`, token_type: "Bearer", expires_in: 3600 }));
    });
    await new Promise<void>((resolve) => issuer.listen(0, "127.0.0.1", resolve));
    const tokenUrl = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/token`;
    const { loopback, seen } = await openWatched();
    await using _ = loopback;
    const credentials = oauthClientCredentials({ tokenUrl, clientId: "c", clientSecret: "s" });
    const { echo } = loopback.connect({}, secured(credentials));
    await Promise.all(Array.from({ length: 20 }, () => echo.unary({})));
    issuer.closeAllConnections();
    await new Promise((resolve) => issuer.close(resolve));
    assert.deepEqual([asked, new Set(seen)], [1, new Set(["Bearer t1"])]);
  });

  it("are never-indexed for a peer that is not ours", async () => {
    const sensitive: unknown[] = [];
    const server = createSecureServer({ cert: good.chain, key: good.key, ALPNProtocols: ["h2"] });
    server.on("stream", (stream, headers) => {
      sensitive.push([...((headers as Record<symbol, string[] | undefined>)[sensitiveHeaders] ?? [])].sort());
      stream.respond({ ":status": 200, "content-type": "application/grpc", "grpc-status": "0" }, { endStream: true });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { channel, echo } = openClient((server.address() as AddressInfo).port);
    const credentials: CallCredentials = { metadata: () => ({ authorization: "Bearer t", "x-api-key": key }) };
    for (let i = 0; i < 3; i++) await failureOf(echo.unary({}, { credentials }), StatusCode.UNIMPLEMENTED);
    await failureOf(echo.unary({}, { metadata: { "x-api-key": "public" } }), StatusCode.UNIMPLEMENTED);
    await channel.close();
    await new Promise((resolve) => server.close(resolve));
    const both = ["authorization", "x-api-key"];
    assert.deepEqual(sensitive, [both, both, both, []]);
  });

  it("stay here when the connection is not protected", async () => {
    let calls = 0;
    await using loopback = await openLoopback({ handlers: { unary: () => ({ id: String(++calls) }) } });
    const error = await failureOf(
      loopback.echo.unary({}, { credentials: bearerToken(secret) }),
      StatusCode.UNAUTHENTICATED,
    );
    assert.match(error.statusMessage, /^call credentials were not sent: the connection to \S+ is not protected/);
    assert.deepEqual([calls, error.delivery], [0, "not-sent"]);
    const { echo } = loopback.connect({ credentials: combineCredentials(insecure(), bearerToken(secret)) });
    await failureOf(echo.unary({}), StatusCode.UNAUTHENTICATED);
    assert.equal(calls, 0);
  });

  it("go to a unix socket, which only this host can reach (Windows has none)", async function () {
    if (process.platform === "win32") return this.skip();
    const folder = await mkdtemp(join(tmpdir(), "godwit-socket-"));
    const seen: unknown[] = [];
    const unary = (_request: unknown, { metadata }: HandlerContext) => {
      seen.push(metadata.get("authorization"));
      return {};
    };
    {
      await using loopback = await openLoopback({ address: `unix:${folder}/s`, handlers: { unary } });
      await loopback.echo.unary({}, { credentials: bearerToken("t") });
    }
    await rm(folder, { recursive: true });
    assert.deepEqual(seen, ["Bearer t"]);
  });
});

/** A descriptor refers to itself: nobody writes it as JSON. */
function jsonOf(value: unknown): string {
  const known = new Set<unknown>();
  const plain = (_name: string, each: unknown): unknown => {
    if (typeof each === "bigint") return String(each);
    if (typeof each !== "object" || each === null) return each;
    if (known.has(each)) return undefined;
    known.add(each);
    return each;
  };
  return JSON.stringify(value, plain) ?? "";
}

/** All that is written while it listens: to the streams of the process, as a warning, to loggers and to listeners. */
class Everything {
  readonly parts: string[] = [];
  readonly logger = Object.fromEntries(
    ["debug", "info", "warn", "error"].map((level) => [level, (...args: unknown[]) => this.add(level, ...args)]),
  ) as Record<"debug" | "info" | "warn" | "error", (...args: unknown[]) => void>;
  readonly #writes = [process.stdout, process.stderr].map((stream) => ({ stream, write: stream.write }));
  readonly #names = ["client:call", "client:attempt", "server:call"].flatMap((name) => [
    `godwit:${name}:start`,
    `godwit:${name}:end`,
  ]);
  readonly #heard = (message: unknown): void => this.add(message);

  add(...values: unknown[]): void {
    for (const value of values) {
      this.parts.push(typeof value === "string" ? value : inspect(value, { depth: 6, showHidden: true }));
      this.parts.push(jsonOf(value));
    }
  }

  /** While `run` runs. */
  async during(run: () => Promise<void>): Promise<void> {
    for (const { stream, write } of this.#writes) {
      stream.write = ((chunk: string | Uint8Array, ...rest: never[]) => {
        this.parts.push(Buffer.from(chunk as Uint8Array).toString("latin1"));
        return (write as (...args: unknown[]) => boolean).call(stream, chunk, ...rest);
      }) as typeof stream.write;
    }
    process.on("warning", this.#heard);
    for (const name of this.#names) subscribe(name, this.#heard);
    try {
      await run();
    } finally {
      for (const name of this.#names) unsubscribe(name, this.#heard);
      process.off("warning", this.#heard);
      for (const { stream, write } of this.#writes) stream.write = write;
    }
  }
}

describe("what is written at the most verbose level", () => {
  it("holds no secret of call credentials, whatever becomes of the calls", async () => {
    const everything = new Everything();
    const { logger } = everything;
    const failing = (thrown: unknown): CallCredentials => ({
      metadata() {
        throw thrown;
      },
    });
    await everything.during(async () => {
      const { loopback } = await openWatched({ server: { logger, logLevel: "debug" } });
      await using _ = loopback;
      const own = combineCredentials(bearerToken(secret), { metadata: () => ({ cookie: `id=${secret}` }) });
      const options = { ...secured(own), logger, logLevel: "debug" as const };
      const { channel, echo } = loopback.connect({}, options);
      everything.add(own, options.credentials, channel.describe());
      const errors: unknown[] = [];
      const attempt = async (call: Promise<unknown>): Promise<void> => {
        await call.catch((error) => errors.push(error, String(error), (error as Error).stack));
      };
      await attempt(echo.unary({ id: "a" }));
      await attempt(echo.unary({ id: "a" }, { metadata: { authorization: `Basic ${secret}` } }));
      await attempt(echo.unary({ id: "a" }, { timeoutMs: 1e-9 }));
      const late = new Promise<string>(() => {});
      await attempt(echo.unary({ id: "a" }, { timeoutMs: 20, credentials: bearerToken(() => late) }));
      await attempt(echo.unary({ id: "a" }, { credentials: bearerToken(() => `${secret}\n`) }));
      await attempt(echo.unary({ id: "a" }, { credentials: failing(new Error(`no: Bearer ${secret}`)) }));
      const told = new StatusError(StatusCode.UNAVAILABLE, `client_secret=${secret}`);
      await attempt(echo.unary({ id: "a" }, { credentials: failing(told), retry: {} }));
      await attempt(echo.unary({ id: "a" }, { credentials: { metadata: () => ({ "x bad": secret }) } }));
      await attempt(echo.unary({ id: "a" }, { credentials: { metadata: () => ({ "x-bin": secret }) } }));
      const plain = await openLoopback({ channel: { credentials: combineCredentials(insecure(), own), logger } });
      await attempt(plain.echo.unary({}));
      await plain[Symbol.asyncDispose]();
      assert.ok(errors.length >= 20, `${errors.length / 3} calls failed`);
      everything.add(errors, channel.describe(), loopback.server.connections());
    });
    const written = everything.parts.join("\n");
    assert.ok(written.length > 1000 && written.includes("[redacted]"), "something was written");
    const at = written.indexOf(secret.slice(0, 12));
    assert.equal(at, -1, written.slice(Math.max(0, at - 500), at + 200));
  });
});
