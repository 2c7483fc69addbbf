/** What a handler's calls inherit of its own call without being given its context: `propagateContext`. */
import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import {
  createChannel,
  createClient,
  type HandlerContext,
  type Interceptor,
  insecure,
  StatusCode,
  type StatusError,
} from "godwit";
import { EchoService, type EchoServiceClient, type EchoServiceHandlers } from "../gen/godwit/testing/v1/echo_godwit.js";
import { checkRejections } from "../support/unhandled-rejections.js";
import { collect, deferred, failureOf, type Loopback, openLoopback } from "./loopback.js";

const server = { propagateContext: true };

/** A service behind the one that is tested: it tells what each of its calls may take, by id. */
async function openBack(): Promise<Loopback & { readonly seen: Map<string, number> }> {
  const seen = new Map<string, number>();
  const loopback = await openLoopback({
    handlers: {
      unary: async ({ id }, context) => {
        seen.set(id, context.timeoutMs());
        await setImmediate();
        return { id };
      },
    },
  });
  return Object.assign(loopback, { seen });
}

/** Calls the service behind before and after whatever lets another call run in between. */
function frontHandlers(echo: EchoServiceClient): EchoServiceHandlers {
  const ask = async (id: string): Promise<void> => {
    await echo.unary({ id: `${id}-first` });
    await setImmediate();
    await new Promise<void>((resolve) => process.nextTick(resolve));
    await echo.unary({ id: `${id}-later` });
  };
  return {
    unary: async ({ id }) => {
      await ask(id);
      return { id };
    },
    async *serverStream({ count }) {
      const id = `list-${count}`;
      yield { index: 1 };
      await ask(id);
      yield { index: 2 };
      await echo.unary({ id: `${id}-last` });
    },
    async clientStream(requests) {
      for await (const { payload } of requests) await ask(`upload-${payload.length}`);
      return {};
    },
    async *bidi(requests) {
      for await (const { index } of requests) {
        yield { index };
        await ask(`chat-${index}`);
      }
    },
  };
}

/** All calls of one, and no call of the other, were within its time. */
function assertWithin(seen: ReadonlyMap<string, number>, prefix: string, least: number, most: number): void {
  const found = [...seen].filter(([id]) => id.startsWith(prefix));
  assert.ok(found.length >= 2, `${prefix}: ${found.length} calls`);
  for (const [id, timeoutMs] of found) assert.ok(timeoutMs > least && timeoutMs <= most, `${id} had ${timeoutMs} ms`);
}

describe("e2e: a context that goes on by itself", () => {
  checkRejections();

  const kinds: Record<string, (echo: EchoServiceClient, id: number, timeoutMs: number) => Promise<unknown>> = {
    unary: (echo, id, timeoutMs) => echo.unary({ id: `get-${id}` }, { timeoutMs }),
    list: (echo, id, timeoutMs) => collect(echo.serverStream({ count: id }, { timeoutMs })),
    upload: (echo, id, timeoutMs) => echo.clientStream([{ payload: new Uint8Array(id) }], { timeoutMs }),
    chat: (echo, id, timeoutMs) => collect(echo.bidi([{ index: id }], { timeoutMs })),
  };
  for (const [kind, start] of Object.entries(kinds)) {
    it(`gives the deadline of a call to those that its handler makes, and of no other: ${kind}`, async () => {
      await using back = await openBack();
      await using front = await openLoopback({ server, handlers: frontHandlers(back.echo) });
      const calls = [start(front.echo, 1, 100_000), start(front.echo, 2, 5_000_000)];
      await Promise.all([...calls, start(front.echo, 3, Number.POSITIVE_INFINITY)]);
      const prefix = kind === "unary" ? "get" : kind;
      assertWithin(back.seen, `${prefix}-1`, 0, 100_000);
      assertWithin(back.seen, `${prefix}-2`, 100_000, 5_000_000);
      assertWithin(back.seen, `${prefix}-3`, 5_000_000, Number.POSITIVE_INFINITY);
    });
  }

  it("goes on in the source of a handler's requests, whoever asks it for more", async () => {
    const asked = 10;
    await using back = await openBack();
    await using store = await openLoopback({
      handlers: {
        async clientStream(requests) {
          for await (const _ of requests) await setImmediate();
          return {};
        },
      },
    });
    await using front = await openLoopback({
      server,
      handlers: {
        async unary({ id }) {
          const large = new Uint8Array(200_000);
          await store.echo.clientStream(
            (async function* () {
              for (let i = 0; i < asked; i++) {
                await back.echo.unary({ id: `${id}-${i}` });
                yield { payload: large };
              }
            })(),
          );
          return { id };
        },
      },
    });
    await front.echo.unary({ id: "get-1" }, { timeoutMs: 100_000 });
    assert.equal(back.seen.size, asked);
    assertWithin(back.seen, "get-1", 0, 100_000);
  });

  it("is that of each call in the interceptors of those which waited for their channel's first addresses together", async () => {
    await using back = await openBack();
    const ask: Interceptor = (next) => async (call) => {
      await back.echo.unary({ id: `get-${call.metadata.get("who")}-first` });
      await back.echo.unary({ id: `get-${call.metadata.get("who")}-later` });
      return next(call);
    };
    await using channel = createChannel(`dns:localhost:${back.port}`, { credentials: insecure(), interceptors: [ask] });
    const shop = createClient(EchoService, channel);
    const handlers = { unary: ({ id }: { id: string }) => shop.unary({ id: "end" }, { metadata: { who: id } }) };
    await using front = await openLoopback({ server, handlers });
    await Promise.all([
      front.echo.unary({ id: "1" }, { timeoutMs: 100_000 }),
      front.echo.unary({ id: "2" }, { timeoutMs: 5_000_000 }),
      front.echo.unary({ id: "3" }, { timeoutMs: Number.POSITIVE_INFINITY }),
    ]);
    assertWithin(back.seen, "get-1", 0, 100_000);
    assertWithin(back.seen, "get-2", 100_000, 5_000_000);
    assertWithin(back.seen, "get-3", 5_000_000, Number.POSITIVE_INFINITY);
  });

  it("ends the calls that a handler makes when its client leaves, and no others", async () => {
    const started = [deferred(), deferred()];
    const aborted = deferred<unknown>();
    let others = 0;
    await using back = await openLoopback({
      handlers: {
        unary: ({ id }, { signal }) =>
          new Promise((resolve) => {
            const answer = () => resolve({ id });
            signal.addEventListener("abort", () => (id === "0" ? aborted.resolve(signal.reason) : others++));
            started[Number(id)]?.resolve();
            if (id === "1") aborted.promise.then(answer);
          }),
      },
    });
    await using front = await openLoopback({ server, handlers: { unary: ({ id }) => back.echo.unary({ id }) } });
    const controller = new AbortController();
    const left = failureOf(front.echo.unary({ id: "0" }, { signal: controller.signal }), StatusCode.CANCELLED);
    const stays = front.echo.unary({ id: "1" });
    await Promise.all(started.map(({ promise }) => promise));
    controller.abort();
    assert.equal(((await aborted.promise) as StatusError).code, StatusCode.CANCELLED);
    await left;
    assert.equal((await stays).id, "1");
    assert.equal(others, 0);
  });

  it("reaches the finally of a generator, whose calls are over before they begin", async () => {
    const told = deferred<string>();
    await using back = await openBack();
    await using front = await openLoopback({
      server,
      handlers: {
        async *serverStream() {
          try {
            yield { index: 1 };
            yield { index: 2 };
          } finally {
            const call = back.echo.unary({ id: "late" });
            await call.then(
              () => told.resolve("OK"),
              (error: unknown) => told.resolve(String(error)),
            );
          }
        },
      },
    });
    for await (const _ of front.echo.serverStream({})) break;
    assert.match(await told.promise, /CANCELLED/);
    assert.equal(back.seen.size, 0);
  });

  it("is left by a call with another context, or with null", async () => {
    const outlives = deferred<HandlerContext>();
    await using back = await openBack();
    await using front = await openLoopback({
      server,
      handlers: {
        unary: async ({ id }, context) => {
          const other = { timeoutMs: () => 1_000_000, signal: context.signal };
          await back.echo.unary({ id: "other" }, { context: other });
          await back.echo.unary({ id: "null" }, { context: null });
          outlives.resolve(context);
          return { id };
        },
      },
    });
    await front.echo.unary({ id: "a" }, { timeoutMs: 60_000 });
    await outlives.promise;
    assertWithin(
      new Map([
        ["a", back.seen.get("other") ?? 0],
        ["a2", 1_000_000],
      ]),
      "a",
      60_000,
      1_000_000,
    );
    assert.equal(back.seen.get("null"), Number.POSITIVE_INFINITY);
  });

  it("goes no further than one server: not through a call into a server that does not want it", async () => {
    await using back = await openBack();
    await using middle = await openLoopback({ handlers: frontHandlers(back.echo) });
    const inside = createClient(EchoService, middle.server.inProcess());
    await using front = await openLoopback({
      server,
      handlers: { unary: ({ id }) => inside.unary({ id }) },
    });
    await front.echo.unary({ id: "get" }, { timeoutMs: 60_000 });
    assert.deepEqual([...back.seen.values()], [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
  });

  it("is off unless a server wants it", async () => {
    await using back = await openBack();
    await using front = await openLoopback({ handlers: frontHandlers(back.echo) });
    await front.echo.unary({ id: "get" }, { timeoutMs: 60_000 });
    assert.deepEqual([...back.seen.values()], [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
  });
});
