import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { type CallOptions, createClient, type Interceptor, pushable, StatusCode, StatusError } from "godwit";
import { type BidiRequestInit, EchoService, type EchoServiceClient } from "../gen/godwit/testing/v1/echo_godwit.js";
import { survivors } from "../support/leak-check.js";
import { areObjectsTracked, callClasses, whereTracked } from "../support/tracked-objects.js";
import { collect, echoHandlers, failureOf, type Loopback, openLoopback, silentSource } from "./loopback.js";

/** Enough that a leak of one a call stands out, and that caches of the last few do not. */
const calls = 20;

/** One call to its end, whichever that is. */
type Way = (echo: EchoServiceClient) => Promise<unknown>;

async function* failingSource() {
  yield {};
  throw new Error("enough");
}

/** Ends a call by its signal. */
function aborted(start: (options: CallOptions) => Promise<unknown>): Promise<unknown> {
  const controller = new AbortController();
  const call = failureOf(start({ signal: controller.signal }), StatusCode.CANCELLED);
  setImmediate().then(() => controller.abort());
  return call;
}

/** Ends a call by its deadline. */
function expired(start: (options: CallOptions) => Promise<unknown>): Promise<unknown> {
  return failureOf(start({ timeoutMs: 5 }), StatusCode.DEADLINE_EXCEEDED);
}

async function leave(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream) return;
}

/** Of all the calls that go well: what listens to it must go with each of them. */
const sharedSignal = new AbortController().signal;

const ways: Readonly<Record<string, Way>> = {
  "unary calls": (echo) => echo.unary({ id: "1" }, { timeoutMs: 10_000, signal: sharedSignal }),
  "unary calls that are aborted": (echo) => aborted((options) => echo.unary({ id: "silent" }, options)),
  "unary calls whose deadline passes": (echo) => expired((options) => echo.unary({ id: "silent" }, options)),
  "unary calls that fail": (echo) => failureOf(echo.unary({ id: "fail" }), StatusCode.NOT_FOUND),
  "unary calls whose handler throws": (echo) => failureOf(echo.unary({ id: "throw" }), StatusCode.UNKNOWN),
  "calls that are refused before they start": (echo) =>
    failureOf(echo.unary({}, { metadata: { te: "x" } }), StatusCode.INTERNAL),
  "server streams": (echo) => collect(echo.serverStream({ count: 20 }, { signal: sharedSignal })),
  "server streams that are left": (echo) => leave(echo.serverStream({ count: 1e6, size: 10_000 })),
  "server streams that nobody reads and that are aborted": (echo) =>
    aborted((options) => {
      const stream = echo.serverStream({ count: 1e6, size: 10_000 }, options);
      return setImmediate().then(() => collect(stream));
    }),
  "server streams whose deadline passes": (echo) =>
    expired((options) => collect(echo.serverStream({ count: 1e9, size: 10_000 }, options))),
  "server streams that fail on their way": (echo) =>
    failureOf(collect(echo.serverStream({ count: -1 })), StatusCode.NOT_FOUND),
  "client streams": (echo) => echo.clientStream([{}, {}], { signal: sharedSignal }),
  "client streams that are answered early": async (echo) => {
    const { source, left } = silentSource();
    await echo.clientStream(source, { metadata: { "x-early": "1" } });
    await left;
  },
  "client streams whose source fails": (echo) => failureOf(echo.clientStream(failingSource()), StatusCode.CANCELLED),
  "client streams that are aborted": (echo) => aborted((options) => echo.clientStream(silentSource().source, options)),
  "bidi streams": (echo) => collect(echo.bidi([{ index: 1 }, { index: 2 }], { signal: sharedSignal })),
  "bidi streams that are left": (echo) => {
    const source = pushable<BidiRequestInit>();
    source.write({ index: 1 }).catch(() => undefined);
    return leave(echo.bidi(source));
  },
  "bidi streams whose source fails": (echo) => failureOf(collect(echo.bidi(failingSource())), StatusCode.CANCELLED),
  "bidi streams whose deadline passes": (echo) =>
    expired((options) => collect(echo.bidi(pushable<BidiRequestInit>(), options))),
};

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
}

/** What only bytes can be. */
const waysOverTheWire: Readonly<Record<string, Way>> = {
  "requests that are too large": (echo) =>
    failureOf(echo.unary({ payload: new Uint8Array(100) }, { maxRequestBytes: 50 }), StatusCode.RESOURCE_EXHAUSTED),
  "responses that are too large": (echo) =>
    failureOf(echo.unary({ responseSize: 100 }, { maxResponseBytes: 50 }), StatusCode.RESOURCE_EXHAUSTED),
  "compressed calls": (echo) => echo.unary({ payload: new Uint8Array(20_000) }, { compression: "gzip" }),
  "calls that are aborted while they are compressed": (echo) =>
    aborted((options) =>
      echo.unary({ id: "silent", payload: new Uint8Array(200_000) }, { ...options, compression: "gzip" }),
    ),
  "calls in JSON": (echo) => echo.unary({ id: "1" }, { messageFormat: "json" }),
};

/** A handler for each of the ways above. */
const handlers: Partial<typeof echoHandlers> = {
  unary: (request, context) => {
    if (request.id === "silent") return untilAborted(context.signal);
    if (request.id === "fail") throw new StatusError(StatusCode.NOT_FOUND, "no such thing");
    if (request.id === "throw") throw new Error("a secret");
    return echoHandlers.unary(request, context);
  },
  *serverStream(request, context) {
    yield* echoHandlers.serverStream(request, context) as Iterable<object>;
    if (request.count < 0) throw new StatusError(StatusCode.NOT_FOUND, "no such thing");
  },
  clientStream: (requests, context) => {
    return context.metadata.get("x-early") === undefined ? echoHandlers.clientStream(requests, context) : {};
  },
};

/** An error that is kept keeps what was on its stack. */
function ignore(): void {}

/** Both sides have one, so that every call passes two. */
const passing: Interceptor = (next) => async (call) => next(call);

describe("e2e: a channel and a server that live on keep nothing of", () => {
  if (!areObjectsTracked()) {
    it.skip(`any call (${whereTracked})`);
    return;
  }

  let loopback: Loopback;
  let inProcess: EchoServiceClient;

  before(async () => {
    const interceptors = [passing];
    loopback = await openLoopback({ handlers, server: { interceptors, onError: ignore }, channel: { interceptors } });
    inProcess = createClient(EchoService, loopback.server.inProcess());
  });

  after(() => loopback[Symbol.asyncDispose]());

  async function assertNothingKept(way: Way, ...clients: readonly EchoServiceClient[]): Promise<void> {
    for (const echo of clients) {
      for (let i = 0; i < calls; i++) await way(echo);
      await Promise.all(Array.from({ length: calls }, () => way(echo)));
    }
    assert.deepEqual(await survivors(callClasses), []);
  }

  for (const [title, way] of Object.entries(ways)) {
    it(title, () => assertNothingKept(way, loopback.echo, inProcess));
  }
  for (const [title, way] of Object.entries(waysOverTheWire)) {
    it(title, () => assertNothingKept(way, loopback.echo));
  }

  it("calls whose errors the application keeps", async () => {
    const errors: unknown[] = [];
    await assertNothingKept(async (echo) => {
      errors.push(await failureOf(echo.unary({ id: "fail" }), StatusCode.NOT_FOUND));
    }, loopback.echo);
    assert.equal(errors.length, 2 * calls);
  });

  it("calls that wait for a connection until their deadline", async () => {
    await using deserted = await openLoopback();
    await deserted.server.close({ graceMs: 0 });
    const wait: Way = (echo) => expired((options) => echo.unary({}, { ...options, waitForReady: true }));
    await assertNothingKept(wait, deserted.echo);
    assert.equal(deserted.channel.describe().waitingCalls, 0);
  });

  it("calls that wait for a stream of their connection and are aborted", async () => {
    await using narrow = await openLoopback({ handlers, server: { limits: { maxConcurrentStreams: 1 } } });
    await narrow.echo.unary({});
    const holder = new AbortController();
    const held = failureOf(narrow.echo.unary({ id: "silent" }, { signal: holder.signal }), StatusCode.CANCELLED);
    for (let i = 0; i < calls; i++) {
      const waiting = aborted((options) => narrow.echo.unary({}, options));
      assert.equal(narrow.channel.describe().waitingCalls, 1);
      await waiting;
    }
    holder.abort();
    await held;
    assert.deepEqual(await survivors(callClasses), []);
  });
});
