import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { noCallOptions } from "../../../src/rpc/call-options.js";
import { noDeadline } from "../../../src/rpc/deadline.js";
import type { HandlerContext } from "../../../src/rpc/handler-context.js";
import type { RequestHeaders, RequestStream } from "../../../src/rpc/invoker.js";
import { Metadata } from "../../../src/rpc/metadata.js";
import type { Status } from "../../../src/rpc/status.js";
import { StatusCode, statusCodeName } from "../../../src/rpc/status-code.js";
import { StatusError } from "../../../src/rpc/status-error.js";
import { HandlerInvoker } from "../../../src/server/call/handler-invoker.js";
import { ServiceRegistry } from "../../../src/server/service-registry.js";
import { Echo, type EchoHandlers, echoMethod, type Text, type TextInit, text } from "../../support/echo-service.js";
import { FakePlatform } from "../../support/fake-platform.js";
import { RecordingResponse } from "../../support/recording-response.js";
import { checkRejections } from "../../support/unhandled-rejections.js";

const left: Status = { code: StatusCode.CANCELLED, message: "the client left" };
const peer = { address: "ipv4:127.0.0.1:1", security: "none" } as const;

describe("server: a call", () => {
  checkRejections();
  let platform: FakePlatform;
  let response: RecordingResponse;
  let errors: unknown[];
  let invoker: HandlerInvoker;
  let context: HandlerContext | undefined;

  beforeEach(() => {
    platform = new FakePlatform();
    response = new RecordingResponse();
    errors = [];
    context = undefined;
  });

  afterEach(() => platform.assertQuiet());

  function open<K extends keyof EchoHandlers>(
    kind: K,
    handler: (input: never, context: HandlerContext) => unknown,
    headers: Partial<RequestHeaders> = {},
  ): RequestStream {
    const registry = new ServiceRegistry();
    const handlers = {
      [kind]: (input: never, given: HandlerContext) => {
        context = given;
        return handler(input, given);
      },
    };
    registry.add(Echo, handlers, true);
    invoker = new HandlerInvoker(registry, (error) => errors.push(error), { platform, maxConcurrentCalls: 10 });
    const all = { method: echoMethod(kind), metadata: new Metadata(), deadline: noDeadline, peer, ...headers };
    return invoker.invoke(all, noCallOptions, response);
  }

  /** The whole life of a unary call. */
  async function unary(handler: (request: Text, context: HandlerContext) => unknown): Promise<Status> {
    const stream = open("unary", handler as never);
    stream.pull(1);
    stream.send(text("a"), true);
    await setImmediate();
    assert.ok(response.status, "the call has not ended");
    assert.equal(invoker.runningHandlers, 0);
    return response.status;
  }

  describe("unary", () => {
    it("answers a value in the same turn", () => {
      const stream = open("unary", (request: Text) => ({ value: `${request.value}!` }));
      stream.pull(1);
      stream.send(text("a"), true);
      assert.deepEqual(response.events, ["headers", "message a!", "status OK"]);
    });

    it("answers a promise", async () => {
      await unary(async (request) => text(request.value));
      assert.deepEqual(response.events, ["headers", "message a", "status OK"]);
    });

    it("starts with the half-close, not with the message", () => {
      const stream = open("unary", () => ({}));
      stream.pull(1);
      stream.send(text("a"), false);
      assert.equal(context, undefined);
      stream.finish();
      assert.deepEqual(response.events, ["headers", "message ", "status OK"]);
    });

    it("holds the answer until it is pulled", () => {
      const stream = open("unary", () => ({ value: "b" }));
      stream.send(text("a"), true);
      assert.deepEqual(response.events, []);
      stream.pull(1);
      assert.deepEqual(response.events, ["headers", "message b", "status OK"]);
    });

    it("is UNIMPLEMENTED for no request and for two", () => {
      open("unary", () => ({})).finish();
      assert.equal(response.status?.code, StatusCode.UNIMPLEMENTED);
      assert.equal(response.status?.message, "the client of /test.v1.Echo/Unary sent no request message, expected one");
      response = new RecordingResponse();
      const stream = open("unary", () => ({}));
      stream.send(text("a"), false);
      stream.send(text("b"), true);
      assert.equal(
        response.status?.message,
        "the client of /test.v1.Echo/Unary sent a second request message, expected one",
      );
      assert.equal(response.status?.code, StatusCode.UNIMPLEMENTED);
      assert.equal(context, undefined);
    });

    it("answers exactly what a StatusError says, trailers and details too, and reports nothing", async () => {
      const error = new StatusError(StatusCode.INVALID_ARGUMENT, "no id", { trailers: { t: "2" }, retryAfterMs: 5 });
      for (const handler of [
        (_: Text, given: HandlerContext) => {
          given.trailers.set("own", "1");
          throw error;
        },
        async () => {
          throw error;
        },
      ]) {
        response = new RecordingResponse();
        const status = await unary(handler);
        assert.equal(status.code, StatusCode.INVALID_ARGUMENT);
        assert.equal(status.message, "no id");
        assert.equal(status.trailers?.get("t"), "2");
        assert.equal(status.retryPushbackMs, 5);
        assert.deepEqual(response.events, ["status INVALID_ARGUMENT"]);
      }
      assert.deepEqual(errors, []);
    });

    it("puts the handler's trailers in front of the error's", async () => {
      const status = await unary((_, given) => {
        given.trailers.append("t", "1");
        throw new StatusError(StatusCode.ABORTED, "", { trailers: { t: "2" } });
      });
      assert.deepEqual(status.trailers?.getAll("t"), ["1", "2"]);
    });

    it("answers UNKNOWN without the text of any other throw, and reports it", async () => {
      const failure = new Error("password is hunter2");
      for (const thrown of [failure, "text", undefined, null, { toString: null }]) {
        for (const handler of [
          () => {
            throw thrown;
          },
          () => Promise.reject(thrown),
        ]) {
          response = new RecordingResponse();
          errors = [];
          const status = await unary(handler);
          assert.equal(status.code, StatusCode.UNKNOWN);
          assert.equal(status.message, "Internal error");
          assert.deepEqual(errors, [thrown]);
        }
      }
    });

    it("survives a thenable that throws or has no manners", async () => {
      const status = await unary(() => ({
        // biome-ignore lint/suspicious/noThenProperty: it is what is tested
        then() {
          throw new Error("broken thenable");
        },
      }));
      assert.equal(status.code, StatusCode.UNKNOWN);
      assert.equal(errors.length, 1);
    });

    it("is INTERNAL when what the handler gives is no message, and says more to onError", async () => {
      const wrong: [unknown, RegExp][] = [
        [undefined, /gave undefined, expected a google\.protobuf\.StringValue$/],
        [null, /gave null, expected/],
        [[], /gave an array, expected/],
        ["text", /gave a value that is no google\.protobuf\.StringValue: message is a string/],
        [{ $typeName: "x.Y" }, /message is a x\.Y, expected/],
      ];
      for (const [value, expected] of wrong) {
        response = new RecordingResponse();
        errors = [];
        const status = await unary(() => value);
        assert.equal(status.code, StatusCode.INTERNAL);
        assert.equal(
          status.message,
          "the handler of /test.v1.Echo/Unary gave something else than a google.protobuf.StringValue",
        );
        assert.equal(errors.length, 1);
        assert.match((errors[0] as Error).message, expected);
        assert.match((errors[0] as Error).message, /^the handler of \/test\.v1\.Echo\/Unary /);
      }
    });

    it("is cancelled before its request, while it runs, and not after its end", async () => {
      open("unary", () => ({})).cancel(left);
      assert.deepEqual(response.events, ["status CANCELLED"]);
      response = new RecordingResponse();
      let settle = (): void => {};
      const stream = open("unary", () => new Promise<void>((resolve) => (settle = resolve)));
      stream.pull(1);
      stream.send(text("a"), true);
      const { signal } = context as HandlerContext;
      assert.equal(signal.aborted, false);
      stream.cancel(left);
      assert.equal(signal.aborted, true);
      assert.equal((signal.reason as StatusError).code, StatusCode.CANCELLED);
      assert.deepEqual(response.events, ["status CANCELLED"]);
      assert.equal(invoker.runningHandlers, 1);
      settle();
      await setImmediate();
      assert.equal(invoker.runningHandlers, 0);
      stream.cancel(left);
      assert.deepEqual(errors, []);
    });

    it("does not abort the signal on success", async () => {
      const stream = open("unary", () => ({}));
      stream.pull(1);
      stream.send(text("a"), true);
      const { signal } = context as HandlerContext;
      stream.cancel(left);
      assert.equal(response.status?.code, StatusCode.OK);
      assert.equal(signal.aborted, false);
    });

    it("gives a signal that was first asked for after the cancel as aborted", () => {
      const stream = open("unary", () => new Promise(() => {}));
      stream.send(text("a"), true);
      stream.cancel(left);
      assert.equal(context?.signal.aborted, true);
    });

    it("does not report what a handler throws because of the cancel, and reports a bug", async () => {
      const thrown: [(reason: unknown) => unknown, number][] = [
        [(reason) => reason, 0],
        [() => new DOMException("stop", "AbortError"), 0],
        [() => new TypeError("a bug"), 1],
      ];
      for (const [make, reports] of thrown) {
        response = new RecordingResponse();
        errors = [];
        const stream = open("unary", async (_: Text, given: HandlerContext) => {
          await new Promise((resolve) => given.signal.addEventListener("abort", resolve));
          throw make(given.signal.reason);
        });
        stream.send(text("a"), true);
        stream.cancel(left);
        await setImmediate();
        assert.equal(errors.length, reports);
        assert.deepEqual(response.events, ["status CANCELLED"]);
      }
    });
  });

  describe("deadline", () => {
    it("ends the call and aborts the handler, exactly then", async () => {
      const stream = open("unary", () => new Promise(() => {}), { deadline: platform.now() + 500 });
      stream.pull(1);
      stream.send(text("a"), true);
      assert.equal(context?.timeoutMs(), 500);
      const { signal } = context as HandlerContext;
      platform.advance(499);
      assert.deepEqual(response.events, []);
      assert.equal(context?.timeoutMs(), 1);
      platform.advance(1);
      assert.deepEqual(response.events, ["status DEADLINE_EXCEEDED"]);
      assert.equal(
        response.status?.message,
        "the server had not answered /test.v1.Echo/Unary when its deadline passed, 500 ms after the call began there",
      );
      assert.equal((signal.reason as StatusError).code, StatusCode.DEADLINE_EXCEEDED);
      assert.equal(context?.timeoutMs(), 0);
    });

    it("runs no handler when it has passed", () => {
      const stream = open("unary", () => ({}), { deadline: platform.now() });
      stream.send(text("a"), true);
      assert.equal(context, undefined);
      assert.deepEqual(response.events, ["status DEADLINE_EXCEEDED"]);
      assert.equal(
        response.status?.message,
        "the deadline of /test.v1.Echo/Unary had passed when the call reached its server",
      );
    });

    it("leaves no timer behind a call that ended before", async () => {
      const stream = open("unary", async () => ({}), { deadline: platform.now() + 500 });
      stream.pull(1);
      stream.send(text("a"), true);
      assert.equal(platform.timers, 1);
      assert.equal(platform.holdingTimers, 0);
      await setImmediate();
      assert.equal(platform.timers, 0);
      assert.equal(context?.signal.aborted, false);
    });
  });

  describe("context", () => {
    it("says what there is to know", () => {
      const metadata = new Metadata({ a: "1" });
      const stream = open("unary", () => ({}), { metadata, previousAttempts: 2 });
      stream.send(text("a"), true);
      assert.equal(context?.method, echoMethod("unary"));
      assert.equal(context?.metadata.get("a"), "1");
      assert.equal(context?.peer, peer);
      assert.equal(context?.attempt, 3);
      assert.equal(context?.deadline, Number.POSITIVE_INFINITY);
      assert.equal(context?.timeoutMs(), Number.POSITIVE_INFINITY);
      stream.cancel(left);
    });

    it("sends headers at once, once; trailers behind the answer", async () => {
      let secondTime: unknown;
      const stream = open("unary", async (_: Text, given: HandlerContext) => {
        given.setHeaders({ h: "1" });
        try {
          given.setHeaders({ h: "2" });
        } catch (error) {
          secondTime = error;
        }
        given.trailers.set("t", "1");
        return {};
      });
      stream.pull(1);
      stream.send(text("a"), true);
      assert.deepEqual(response.events, ["headers"]);
      assert.equal(response.headers?.get("h"), "1");
      await setImmediate();
      assert.equal(response.status?.trailers?.get("t"), "1");
      assert.equal((secondTime as Error).message, "headers of /test.v1.Echo/Unary have already been sent");
    });

    it("ignores headers behind a cancel", () => {
      const stream = open("unary", () => new Promise(() => {}));
      stream.send(text("a"), true);
      stream.cancel(left);
      context?.setHeaders({ h: "1" });
      assert.deepEqual(response.events, ["status CANCELLED"]);
    });
  });

  describe("server stream", () => {
    it("sends what a generator yields, as much as is pulled and one ahead", async () => {
      let made = 0;
      const stream = open("list", async function* () {
        for (;;) yield { value: String(made++) };
      });
      stream.send(text("a"), true);
      await setImmediate();
      assert.equal(made, 1);
      assert.deepEqual(response.events, []);
      stream.pull(3);
      await setImmediate();
      assert.deepEqual(response.events, ["headers", "message 0", "message 1", "message 2"]);
      assert.equal(made, 4);
      stream.pull(1);
      await setImmediate();
      assert.equal(response.messages.length, 4);
      stream.cancel(left);
      await setImmediate();
      assert.equal(invoker.runningHandlers, 0);
    });

    it("ends with OK behind the last message, also without any", async () => {
      const stream = open("list", async function* () {
        yield { value: "a" };
      });
      stream.pull(16);
      stream.send(text(""), true);
      await setImmediate();
      assert.deepEqual(response.events, ["headers", "message a", "status OK"]);
      response = new RecordingResponse();
      open("list", async function* () {}).send(text(""), true);
      await setImmediate();
      assert.deepEqual(response.events, ["status OK"]);
    });

    it("takes an array or any iterable", () => {
      const stream = open("list", () => [{ value: "a" }, { value: "b" }]);
      stream.pull(1);
      stream.send(text(""), true);
      assert.deepEqual(response.events, ["headers", "message a"]);
      stream.pull(1);
      assert.deepEqual(response.events, ["headers", "message a", "message b", "status OK"]);
      response = new RecordingResponse();
      open("list", () => []).send(text(""), true);
      assert.deepEqual(response.events, ["status OK"]);
    });

    it("sends what came before an error, then the error", async () => {
      for (const [thrown, name] of [
        [new StatusError(StatusCode.NOT_FOUND, "gone"), "NOT_FOUND"],
        [new Error("secret"), "UNKNOWN"],
      ] as const) {
        response = new RecordingResponse();
        const stream = open("list", async function* () {
          yield { value: "a" };
          throw thrown;
        });
        stream.pull(16);
        stream.send(text(""), true);
        await setImmediate();
        assert.deepEqual(response.events, ["headers", "message a", `status ${name}`]);
        assert.equal(invoker.runningHandlers, 0);
      }
      assert.equal(errors.length, 1);
    });

    it("is UNKNOWN when a handler throws before it has returned anything", () => {
      open("list", () => {
        throw new Error("secret");
      }).send(text(""), true);
      assert.deepEqual(response.events, ["status UNKNOWN"]);
      assert.equal(errors.length, 1);
      assert.equal(invoker.runningHandlers, 0);
    });

    it("returns the generator when the client leaves, also while it waits", async () => {
      let isReturned = false;
      const stream = open("list", async function* (_: Text, given: HandlerContext) {
        try {
          yield { value: "a" };
          await new Promise((_resolve, reject) =>
            given.signal.addEventListener("abort", () => reject(given.signal.reason)),
          );
        } finally {
          isReturned = true;
        }
      });
      stream.pull(16);
      stream.send(text(""), true);
      await setImmediate();
      stream.cancel(left);
      await setImmediate();
      assert.equal(isReturned, true);
      assert.deepEqual(response.events, ["headers", "message a", "status CANCELLED"]);
      assert.deepEqual(errors, []);
      assert.equal(invoker.runningHandlers, 0);
    });

    it("returns the generator at the deadline", async () => {
      let isReturned = false;
      const handler = async function* () {
        try {
          for (;;) yield {};
        } finally {
          isReturned = true;
        }
      };
      const stream = open("list", handler, { deadline: platform.now() + 10 });
      stream.pull(2);
      stream.send(text(""), true);
      await setImmediate();
      platform.advance(10);
      await setImmediate();
      assert.equal(isReturned, true);
      assert.equal(response.status?.code, StatusCode.DEADLINE_EXCEEDED);
    });

    it("reports what a generator throws on its way out, when it is a bug", async () => {
      const stream = open("list", async function* () {
        try {
          for (;;) yield {};
        } finally {
          // biome-ignore lint/correctness/noUnsafeFinally: it is what is tested
          throw new TypeError("a bug");
        }
      });
      stream.pull(2);
      stream.send(text(""), true);
      await setImmediate();
      stream.cancel(left);
      await setImmediate();
      assert.equal((errors[0] as Error).message, "a bug");
      assert.equal(response.status?.code, StatusCode.CANCELLED);
    });

    it("is INTERNAL when what is yielded is no message, and returns the generator", async () => {
      let isReturned = false;
      const stream = open("list", async function* () {
        try {
          yield { value: "a" };
          yield 7;
        } finally {
          isReturned = true;
        }
      });
      stream.pull(16);
      stream.send(text(""), true);
      await setImmediate();
      assert.deepEqual(response.events, ["headers", "message a", "status INTERNAL"]);
      assert.equal(isReturned, true);
      assert.equal(errors.length, 1);
    });

    it("is INTERNAL when what is returned cannot be iterated, and says how to write it", async () => {
      for (const returned of [Promise.reject(new Error("lost")), Promise.resolve([]), 7, undefined]) {
        response = new RecordingResponse();
        errors = [];
        open("list", () => returned).send(text(""), true);
        await setImmediate();
        assert.equal(response.status?.code, StatusCode.INTERNAL);
        assert.match(
          (errors[0] as Error).message,
          /^the handler of \/test\.v1\.Echo\/List returned (a promise|a value of type \w+), expected an AsyncIterable: write it as async \*$/,
        );
        assert.equal(invoker.runningHandlers, 0);
      }
    });

    it("does not lose its place when the wire pulls from within a message", async () => {
      const stream = open("list", () => Array.from({ length: 1000 }, (_, i) => ({ value: String(i) })));
      response.onEvent = (event) => {
        if (event.startsWith("message")) stream.pull(1);
      };
      stream.pull(1);
      stream.send(text(""), true);
      assert.equal(response.messages.length, 1000);
      assert.equal(response.status?.code, StatusCode.OK);
    });
  });

  describe("client stream", () => {
    it("gives requests to a loop and the sum to the client", async () => {
      const stream = open("upload", async (requests: AsyncIterable<Text>) => {
        let sum = "";
        for await (const request of requests) sum += request.value;
        return { value: sum };
      });
      stream.pull(1);
      assert.equal(stream.send(text("a"), false), true);
      stream.send(text("b"), true);
      await setImmediate();
      assert.deepEqual(response.events, ["headers", "message ab", "status OK"]);
    });

    it("takes 16 requests ahead of the handler, and asks for more at half", async () => {
      let step = (): void => {};
      const stream = open("upload", async (requests: AsyncIterable<Text>) => {
        for await (const _ of requests) await new Promise<void>((resolve) => (step = resolve));
        return {};
      });
      await setImmediate();
      stream.send(text("taken"), false);
      await setImmediate();
      for (let i = 0; i < 15; i++) assert.equal(stream.send(text(""), false), true);
      assert.equal(stream.send(text(""), false), false);
      assert.equal(stream.send(text("kept all the same"), false), false);
      for (let i = 0; i < 8; i++) {
        step();
        await setImmediate();
      }
      assert.deepEqual(response.events, []);
      step();
      await setImmediate();
      assert.deepEqual(response.events, ["writable"]);
      assert.equal(stream.send(text(""), false), true);
      stream.cancel(left);
      step();
    });

    it("throws the cancel into the loop over the requests, without what is queued", async () => {
      let caught: unknown;
      const seen: string[] = [];
      const stream = open("upload", async (requests: AsyncIterable<Text>) => {
        try {
          for await (const request of requests) {
            seen.push(request.value);
            await setImmediate();
          }
        } catch (error) {
          caught = error;
          throw error;
        }
      });
      stream.send(text("a"), false);
      stream.send(text("b"), false);
      await Promise.resolve();
      stream.cancel(left);
      await setImmediate();
      await setImmediate();
      assert.equal((caught as StatusError).code, StatusCode.CANCELLED);
      assert.deepEqual(seen, ["a"]);
      assert.deepEqual(errors, []);
      assert.equal(invoker.runningHandlers, 0);
    });

    it("throws the cancel into the loop over requests that were complete, unless all of them were read", async () => {
      for (const [reads, expected] of [
        [1, "CANCELLED"],
        [2, "complete"],
      ] as const) {
        response = new RecordingResponse();
        let outcome: unknown;
        let read = 0;
        const stream = open("upload", async (requests: AsyncIterable<Text>) => {
          try {
            for await (const _ of requests) if (++read === reads) await setImmediate();
            outcome = "complete";
          } catch (error) {
            outcome = statusCodeName((error as StatusError).code);
          }
          return {};
        });
        stream.send(text("a"), false);
        stream.send(text("b"), true);
        for (let i = 0; i < 8; i++) await Promise.resolve();
        stream.cancel(left);
        await setImmediate();
        await setImmediate();
        assert.equal(outcome, expected, `behind ${reads} of 2 requests`);
      }
    });

    it("drops what comes after the handler left its loop, and takes it gladly", async () => {
      const stream = open("chat", async function* (requests: AsyncIterable<Text>) {
        for await (const request of requests) {
          yield { value: `first ${request.value}` };
          break;
        }
        await setImmediate();
        yield { value: "second" };
      });
      stream.pull(16);
      for (let i = 0; i < 17; i++) stream.send(text(String(i)), false);
      await setImmediate();
      assert.equal(stream.send(text("dropped"), false), true);
      await setImmediate();
      await setImmediate();
      assert.deepEqual(response.events, ["headers", "message first 0", "writable", "message second", "status OK"]);
    });

    it("ends a loop that a handler left running behind its answer", async () => {
      let isLoopOver = false;
      const stream = open("upload", (requests: AsyncIterable<Text>) => {
        void (async () => {
          for await (const _ of requests);
          isLoopOver = true;
        })();
        return {};
      });
      stream.pull(1);
      await setImmediate();
      assert.equal(response.status?.code, StatusCode.OK);
      assert.equal(isLoopOver, true);
      assert.equal(stream.send(text("late"), false), true);
    });

    it("echoes in both directions", async () => {
      const stream = open("chat", async function* (requests: AsyncIterable<Text>): AsyncGenerator<TextInit> {
        for await (const request of requests) yield { value: request.value.toUpperCase() };
      });
      stream.pull(16);
      stream.send(text("a"), false);
      await setImmediate();
      assert.deepEqual(response.events, ["headers", "message A"]);
      stream.send(text("b"), true);
      await setImmediate();
      assert.deepEqual(response.events, ["headers", "message A", "message B", "status OK"]);
    });
  });

  it("refuses more handlers than maxConcurrentCalls, those of calls that are over among them", () => {
    const registry = new ServiceRegistry();
    registry.add(Echo, { unary: () => new Promise(() => {}) }, true);
    const limited = new HandlerInvoker(registry, () => {}, { platform, maxConcurrentCalls: 1 });
    const headers = { method: echoMethod("unary"), metadata: new Metadata(), deadline: noDeadline };
    const first = limited.invoke(headers, noCallOptions, new RecordingResponse());
    first.send(text("a"), true);
    first.cancel(left);
    const refused = limited.invoke(headers, noCallOptions, response);
    refused.send(text("b"), true);
    refused.finish();
    refused.pull(1);
    refused.cancel(left);
    assert.equal(response.status?.code, StatusCode.RESOURCE_EXHAUSTED);
    assert.equal(response.status?.message, "the server runs 1 calls, limit 1 (maxConcurrentCalls)");
  });

  it("asks those that it refuses to come again after about a second, and not all together", () => {
    const registry = new ServiceRegistry();
    registry.add(Echo, { unary: () => ({}) }, true);
    const full = new HandlerInvoker(registry, () => {}, { platform, maxConcurrentCalls: 0 });
    const headers = { method: echoMethod("unary"), metadata: new Metadata(), deadline: noDeadline };
    const pushbacks = Array.from({ length: 100 }, () => {
      const refused = new RecordingResponse();
      full.invoke(headers, noCallOptions, refused);
      return refused.status?.retryPushbackMs ?? Number.NaN;
    });
    for (const ms of pushbacks) assert.ok(Number.isInteger(ms) && ms >= 500 && ms < 1500, String(ms));
    assert.ok(new Set(pushbacks).size > 50);
  });

  it("counts handlers when they start: calls that wait for their request take nobody's place", () => {
    const registry = new ServiceRegistry();
    registry.add(Echo, { unary: () => new Promise(() => {}) }, true);
    const limited = new HandlerInvoker(registry, () => {}, { platform, maxConcurrentCalls: 1 });
    const headers = { method: echoMethod("unary"), metadata: new Metadata(), deadline: noDeadline };
    const first = limited.invoke(headers, noCallOptions, new RecordingResponse());
    const second = limited.invoke(headers, noCallOptions, response);
    first.send(text("a"), true);
    second.send(text("b"), true);
    assert.equal(response.status?.message, "the server runs 1 calls, limit 1 (maxConcurrentCalls)");
    assert.equal(limited.runningHandlers, 1);
  });
});
