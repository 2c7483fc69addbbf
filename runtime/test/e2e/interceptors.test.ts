import assert from "node:assert/strict";
import {
  type ChannelOptions,
  createChannel,
  createClient,
  createServer,
  type InterceptedCall,
  type Interceptor,
  insecure,
  type RawInterceptor,
  type ServerOptions,
  StatusCode,
  StatusError,
} from "godwit";
import { DefaultsService } from "../gen/godwit/testing/v1/defaults_godwit.js";
import { EchoService } from "../gen/godwit/testing/v1/echo_godwit.js";
import type { UnaryRequest, UnaryResponse } from "../gen/godwit/testing/v1/echo_pb.js";
import { checkRejections } from "../support/unhandled-rejections.js";
import { collect, deferred, echoHandlers, failureOf, openLoopback } from "./loopback.js";

const ok = { code: StatusCode.OK, message: "" };

describe("e2e: interceptors", () => {
  checkRejections();

  /** Where they stand: the same interceptor has to work on either side. */
  const sides = ["client", "server"] as const;
  const place = (side: (typeof sides)[number], ...interceptors: Interceptor[]) =>
    side === "client" ? { channel: { interceptors } } : { server: { interceptors } };

  for (const side of sides) {
    describe(`on the ${side}`, () => {
      it("see what the .proto says of a method: idempotency, timeout, policies", async () => {
        const seen: unknown[] = [];
        const reading: Interceptor = (next) => (call) => {
          const { localName, idempotency, timeoutMs, retry, hedging } = call.method;
          seen.push([localName, idempotency, timeoutMs, retry, hedging?.delayMs]);
          return next(call);
        };
        const { channel = {}, server = {} } = place(side, reading) as {
          channel?: ChannelOptions;
          server?: ServerOptions;
        };
        const answer = () => ({});
        await using serving = createServer(server).addPartial(DefaultsService, {
          patient: answer,
          hedged: answer,
          once: async function* () {},
        });
        const { address } = await serving.listen("127.0.0.1:0");
        await using calling = createChannel(address, { credentials: insecure(), ...channel });
        const client = createClient(DefaultsService, calling);
        await client.patient({});
        await client.hedged({}, { hedging: false });
        await collect(client.once({}));
        assert.deepEqual(seen, [
          ["patient", "IDEMPOTENCY_UNKNOWN", undefined, undefined, undefined],
          ["hedged", "NO_SIDE_EFFECTS", 5000, undefined, 20],
          ["once", "NO_SIDE_EFFECTS", undefined, false, undefined],
        ]);
      });

      it("see every call, its messages and how it ended", async () => {
        const log: string[] = [];
        const logging: Interceptor = (next) => async (call) => {
          const name = call.method.name;
          call.onMessage((message, direction) =>
            log.push(`${name} ${direction} ${(message as { index?: number }).index ?? ""}`.trim()),
          );
          const status = await next(call);
          log.push(`${name} ${status.code} ${call.peer?.address.split(":")[0]}`);
          return status;
        };
        await using loopback = await openLoopback(place(side, logging));
        await loopback.echo.unary({});
        await collect(loopback.echo.bidi([{ index: 1 }]));
        await failureOf(loopback.echo.unary({ payload: new Uint8Array(5 << 20) }), StatusCode.RESOURCE_EXHAUSTED);
        assert.deepEqual(log.slice(0, 6), [
          "Unary request",
          "Unary response",
          "Unary 0 ipv4",
          "Bidi request 1",
          "Bidi response 1",
          "Bidi 0 ipv4",
        ]);
        assert.match(log.at(-1) ?? "", side === "client" ? /^Unary 8 / : /^Unary \d+ ipv4/);
      });

      it("run in order, the first outermost", async () => {
        const order: string[] = [];
        const named =
          (name: string): Interceptor =>
          (next) =>
          async (call) => {
            order.push(`${name} in`);
            const status = await next(call);
            order.push(`${name} out`);
            return status;
          };
        await using loopback = await openLoopback(place(side, named("a"), named("b")));
        await loopback.echo.unary({});
        assert.deepEqual(order, ["a in", "b in", "b out", "a out"]);
      });

      it("change metadata before the call goes on", async () => {
        let seen: unknown;
        const tagging: Interceptor = (next) => async (call) => {
          await null;
          call.metadata.set("x-tag", `${call.metadata.get("x-tag")}+`);
          return next(call);
        };
        await using loopback = await openLoopback({
          ...place(side, tagging),
          handlers: {
            unary: (_, { metadata }) => {
              seen = metadata.get("x-tag");
              return {};
            },
          },
        });
        const metadata = { "x-tag": "a" };
        await loopback.echo.unary({}, { metadata });
        assert.equal(seen, "a+");
        assert.deepEqual(metadata, { "x-tag": "a" });
      });

      it("replace messages of both directions", async () => {
        const marking: Interceptor = (next) => async (call) => {
          call.mapMessage((message, direction) => {
            const { id, ...rest } = message as UnaryRequest | UnaryResponse;
            return { ...rest, id: `${id} ${direction}` };
          });
          return next(call);
        };
        await using loopback = await openLoopback(place(side, marking));
        assert.equal((await loopback.echo.unary({ id: "a" })).id, "a request response");
      });

      it("answer in the server's place", async () => {
        let calls = 0;
        const caching: Interceptor = (next) => async (call) => {
          if (call.metadata.get("cached") === undefined) return next(call);
          call.respond({ id: "cached" });
          return ok;
        };
        await using loopback = await openLoopback({
          ...place(side, caching),
          handlers: {
            unary: () => {
              calls++;
              return { id: "made" };
            },
          },
        });
        assert.equal((await loopback.echo.unary({}, { metadata: { cached: "1" } })).id, "cached");
        assert.equal((await loopback.echo.unary({})).id, "made");
        assert.equal(calls, 1);
      });

      it("refuse a call, by a status or by throwing one", async () => {
        const guarding: Interceptor = (next) => async (call) => {
          const way = call.metadata.get("way");
          if (way === "return") return { code: StatusCode.PERMISSION_DENIED, message: "not you" };
          if (way === "throw") throw new StatusError(StatusCode.UNAUTHENTICATED, "who?");
          return next(call);
        };
        let calls = 0;
        await using loopback = await openLoopback({
          ...place(side, guarding),
          handlers: {
            unary: () => {
              calls++;
              return {};
            },
          },
        });
        const call = (way: string) => loopback.echo.unary({}, { metadata: { way } });
        assert.equal((await failureOf(call("return"), StatusCode.PERMISSION_DENIED)).statusMessage, "not you");
        assert.equal((await failureOf(call("throw"), StatusCode.UNAUTHENTICATED)).statusMessage, "who?");
        const stream = loopback.echo.serverStream({}, { metadata: { way: "return" } });
        await failureOf(collect(stream), StatusCode.PERMISSION_DENIED);
        await call("pass");
        assert.equal(calls, 1);
      });

      it("change how a call ended", async () => {
        const hiding: Interceptor = (next) => async (call) => {
          const status = await next(call);
          return status.code === StatusCode.NOT_FOUND ? { ...status, code: StatusCode.PERMISSION_DENIED } : status;
        };
        await using loopback = await openLoopback({
          ...place(side, hiding),
          handlers: {
            unary: () => {
              throw new StatusError(StatusCode.NOT_FOUND, "x");
            },
          },
        });
        await failureOf(loopback.echo.unary({}), StatusCode.PERMISSION_DENIED);
      });

      it("cannot make a call twice", async () => {
        let calls = 0;
        let complaint = "";
        const retrying: Interceptor = (next) => async (call) => {
          const status = await next(call);
          if (status.code === StatusCode.OK) return status;
          return next(call).catch((error: Error) => {
            complaint = error.message;
            return status;
          });
        };
        await using loopback = await openLoopback({
          ...place(side, retrying),
          handlers: {
            unary: () => {
              calls++;
              throw new StatusError(StatusCode.ABORTED, "raced");
            },
          },
        });
        await failureOf(loopback.echo.unary({}), StatusCode.ABORTED);
        assert.equal(calls, 1);
        assert.match(complaint, /next was called twice/);
      });

      it("that throw what nobody expected end the call, and not the process", async () => {
        const broken: Interceptor = () => async () => {
          throw new Error("password is hunter2");
        };
        await using loopback = await openLoopback(place(side, broken));
        const error = await failureOf(
          loopback.echo.unary({}),
          side === "client" ? StatusCode.INTERNAL : StatusCode.UNKNOWN,
        );
        assert.equal(error.message.includes("hunter2"), side === "client", "on the server the text stays where it is");
        assert.equal(loopback.errors.length, side === "client" ? 0 : 1);
      });

      it("that wait for ever do not hold a call beyond its deadline", async () => {
        const stuck: Interceptor = () => () => new Promise(() => undefined);
        await using loopback = await openLoopback(place(side, stuck));
        await failureOf(loopback.echo.unary({}, { timeoutMs: 30 }), StatusCode.DEADLINE_EXCEEDED);
      });

      it("do not change what a long stream carries", async () => {
        const seen: InterceptedCall[] = [];
        const watching: Interceptor = (next) => (call) => {
          seen.push(call);
          call.onMessage(() => undefined);
          return next(call);
        };
        await using loopback = await openLoopback(place(side, watching, watching));
        const responses = await collect(loopback.echo.bidi(Array.from({ length: 2000 }, (_, index) => ({ index }))));
        assert.deepEqual(
          responses.map(({ index }) => index),
          Array.from({ length: 2000 }, (_, index) => index),
        );
        assert.equal(seen.length, 2);
      });
    });
  }

  it("without promises see the calls of a channel too", async () => {
    const paths: string[] = [];
    const raw: RawInterceptor = (next) => ({
      invoke(headers, options, sink) {
        paths.push(headers.method.path);
        return next.invoke(headers, options, sink);
      },
    });
    await using loopback = await openLoopback({ channel: { interceptors: [{ raw }] } });
    await loopback.echo.unary({});
    assert.deepEqual(paths, ["/godwit.testing.v1.EchoService/Unary"]);
  });

  for (const side of ["client", "server"] as const) {
    for (const place of ["invoke", "send", "onMessage", "onStatus"] as const) {
      it(`without promises that throw in ${place} on a ${side} end one call, and not its connection`, async () => {
        const gate = deferred();
        const started = deferred();
        const raw: RawInterceptor = (next) => ({
          invoke(headers, options, sink) {
            const isVictim = headers.metadata.get("x-victim") !== undefined;
            const at = (here: string): void => {
              if (isVictim && here === place) throw new Error("password is hunter2");
            };
            at("invoke");
            const below = next.invoke(headers, options, {
              onHeaders: (metadata, peer) => sink.onHeaders(metadata, peer),
              onMessage(message) {
                at("onMessage");
                sink.onMessage(message);
              },
              onStatus(status) {
                at("onStatus");
                sink.onStatus(status);
              },
              onWritable: () => sink.onWritable(),
            });
            return {
              send(message, last) {
                at("send");
                return below.send(message, last);
              },
              finish: () => below.finish(),
              pull: (count) => below.pull(count),
              cancel: (status) => below.cancel(status),
            };
          },
        });
        const lost: Error[] = [];
        const interceptors = [{ raw }];
        await using loopback = await openLoopback({
          handlers: {
            async unary({ id }) {
              if (id === "other") {
                started.resolve();
                await gate.promise;
              }
              return { id };
            },
          },
          server: { onConnectionError: (error) => lost.push(error), ...(side === "server" && { interceptors }) },
          channel: side === "client" ? { interceptors } : {},
        });
        const other = loopback.echo.unary({ id: "other" });
        await started.promise;
        const code = side === "client" ? StatusCode.INTERNAL : StatusCode.UNKNOWN;
        const error = await failureOf(loopback.echo.unary({}, { metadata: { "x-victim": "1" } }), code);
        assert.equal(error.message.includes("hunter2"), side === "client");
        gate.resolve();
        assert.equal((await other).id, "other", "another call on the same connection");
        assert.deepEqual(lost, []);
        assert.equal(loopback.errors.length, side === "client" ? 0 : 1);
      });
    }
  }

  it("without promises that throw end a call within the process, and not the process", async () => {
    const errors: unknown[] = [];
    const raw: RawInterceptor = () => ({
      invoke() {
        throw new Error("a bug");
      },
    });
    const server = createServer({ interceptors: [{ raw }], onError: (error) => errors.push(error) });
    server.add(EchoService, echoHandlers);
    await failureOf(createClient(EchoService, server.inProcess()).unary({}), StatusCode.UNKNOWN);
    assert.equal(errors.length, 1);
    await server.close();
  });
});
