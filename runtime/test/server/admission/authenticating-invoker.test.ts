import assert from "node:assert/strict";
import { noCallOptions } from "../../../src/rpc/call-options.js";
import type { HandlerSlot, RequestHeaders } from "../../../src/rpc/invoker.js";
import { Metadata } from "../../../src/rpc/metadata.js";
import type { Authenticator, UnauthenticatedCall } from "../../../src/rpc/principal.js";
import type { Status } from "../../../src/rpc/status.js";
import { StatusCode } from "../../../src/rpc/status-code.js";
import { StatusError } from "../../../src/rpc/status-error.js";
import { AuthenticatingInvoker } from "../../../src/server/admission/authenticating-invoker.js";
import { echoMethod } from "../../support/echo-service.js";
import { FakePlatform } from "../../support/fake-platform.js";
import { RecordingResponse } from "../../support/recording-response.js";
import { ScriptedInvoker } from "../../support/scripted-invoker.js";
import { checkRejections } from "../../support/unhandled-rejections.js";

const peer = { address: "ipv4:127.0.0.1:1", security: "none" } as const;
const cancelled: Status = { code: StatusCode.CANCELLED, message: "the client cancelled the call" };
const ada = { name: "ada" };

/** Counts as the call's place on its connection does. */
class CountingSlot implements HandlerSlot {
  readonly events: string[] = [];

  onHandlerStart(): void {
    this.events.push("start");
  }

  onHandlerEnd(): void {
    this.events.push("end");
  }
}

describe("server/admission/authenticating-invoker", () => {
  checkRejections();
  let platform: FakePlatform;
  let sink: RecordingResponse;
  let next: ScriptedInvoker;
  let slot: CountingSlot;
  let errors: unknown[];

  beforeEach(() => {
    platform = new FakePlatform();
    sink = new RecordingResponse();
    next = new ScriptedInvoker();
    slot = new CountingSlot();
    errors = [];
  });

  const headersOf = (changes: Partial<RequestHeaders> = {}): RequestHeaders => ({
    ...{ method: echoMethod("unary"), metadata: new Metadata({ authorization: "Bearer x" }) },
    ...{ deadline: Number.POSITIVE_INFINITY, peer, slot },
    ...changes,
  });
  const invoke = (authenticate: Authenticator, headers = headersOf()) =>
    new AuthenticatingInvoker(next, authenticate, platform, (error) => errors.push(error)).invoke(
      headers,
      noCallOptions,
      sink,
    );
  /** What an application may return though its types forbid it. */
  const anything = (value: unknown) => (() => value) as Authenticator;

  it("goes straight on with a caller that is known at once", () => {
    let seen: UnauthenticatedCall | undefined;
    const headers = headersOf();
    const stream = invoke((call) => {
      seen = call;
      return ada;
    }, headers);
    assert.equal(stream, next.call);
    assert.deepEqual(next.call.headers, { ...headers, principal: ada });
    assert.deepEqual(
      [seen?.method, seen?.metadata, seen?.peer, seen?.deadline],
      [headers.method, headers.metadata, peer, Number.POSITIVE_INFINITY],
    );
    assert.deepEqual(slot.events, []);
  });

  it("holds the call until its caller is known, and takes the place of a handler meanwhile", async () => {
    const { promise, resolve } = withResolvers<typeof ada>();
    const stream = invoke(() => promise);
    stream.pull(1);
    stream.send("request", true);
    assert.deepEqual([slot.events, next.calls.length], [["start"], 0]);
    resolve(ada);
    await platform.settle();
    assert.deepEqual(slot.events, ["start", "end"]);
    assert.deepEqual([next.call.headers.principal, next.call.sent, next.call.pulled], [ada, ["request"], 1]);
  });

  const refusal = new StatusError(StatusCode.UNAUTHENTICATED, "the token has expired");
  const ways: readonly (readonly [string, (thrown: unknown) => Authenticator])[] = [
    [
      "throws",
      (thrown) => () => {
        throw thrown;
      },
    ],
    ["rejects with", (thrown) => () => Promise.reject(thrown)],
  ];
  for (const [how, failing] of ways) {
    it(`answers with a StatusError that it ${how}`, async () => {
      invoke(failing(refusal));
      await platform.settle();
      assert.deepEqual(
        [sink.status?.code, sink.status?.message],
        [StatusCode.UNAUTHENTICATED, "the token has expired"],
      );
      assert.deepEqual([next.calls.length, errors], [0, []]);
    });

    it(`tells the client nothing of any other error that it ${how}`, async () => {
      const error = new Error("the token is eyJhbGciOiJIUzI1NiJ9");
      invoke(failing(error));
      await platform.settle();
      assert.equal(sink.status?.code, StatusCode.UNAUTHENTICATED);
      assert.equal(sink.status?.message, "the caller could not be authenticated");
      assert.deepEqual([next.calls.length, errors], [0, [error]]);
      assert.equal(slot.events.filter((event) => event === "start").length, slot.events.length / 2);
    });
  }

  it("takes nothing but a principal with a name for one", async () => {
    const wrong: readonly (readonly [unknown, string])[] = [
      [undefined, "a value of type undefined"],
      [null, "null"],
      ["ada", "a value of type string"],
      [{}, "a value of type object"],
      [{ name: "" }, "a value of type object"],
      [{ name: 7 }, "a value of type object"],
      [true, "a value of type boolean"],
    ];
    for (const [value, observed] of wrong) {
      for (const answer of [value, Promise.resolve(value)]) {
        sink = new RecordingResponse();
        errors = [];
        invoke(anything(answer));
        await platform.settle();
        assert.equal(sink.status?.code, StatusCode.UNAUTHENTICATED);
        assert.equal((errors[0] as Error).message, `authenticate gave ${observed}: expected a Principal with a name`);
      }
    }
    assert.equal(next.calls.length, 0);
  });

  it("tells the authenticator by its signal when the client leaves, and keeps its place until it has ended", async () => {
    const { promise, resolve } = withResolvers<typeof ada>();
    let signal: AbortSignal | undefined;
    const stream = invoke((call) => {
      signal = call.signal;
      return promise;
    });
    stream.cancel(cancelled);
    assert.equal(signal?.aborted, true);
    assert.ok(signal?.reason instanceof StatusError);
    assert.deepEqual([sink.events, slot.events], [["status CANCELLED"], ["start"]]);
    resolve(ada);
    await platform.settle();
    assert.deepEqual([next.calls.length, slot.events], [0, ["start", "end"]]);
  });

  it("shows a signal that has aborted to those who ask late, and does not report its echo", async () => {
    const { promise, resolve } = withResolvers<void>();
    const stream = invoke(async (call) => {
      await promise;
      call.signal.throwIfAborted();
      return ada;
    });
    stream.cancel(cancelled);
    resolve();
    await platform.settle();
    const echo = withResolvers<typeof ada>();
    sink = new RecordingResponse();
    const other = invoke(() => echo.promise);
    other.cancel(cancelled);
    echo.reject(new DOMException("aborted", "AbortError"));
    await platform.settle();
    assert.deepEqual([next.calls.length, errors], [0, []]);
  });

  it("ends the call at its deadline, however long the authenticator takes", () => {
    invoke(() => new Promise(() => undefined), headersOf({ deadline: platform.now() + 200 }));
    platform.advance(200);
    assert.equal(sink.status?.code, StatusCode.DEADLINE_EXCEEDED);
  });

  it("has a peer for calls that do not say whose they are", () => {
    let seen: UnauthenticatedCall | undefined;
    const { peer: _, slot: __, ...headers } = headersOf();
    invoke((call) => {
      seen = call;
      return ada;
    }, headers);
    assert.deepEqual(seen?.peer, { address: "unknown:", security: "none" });
    assert.equal(seen?.signal.aborted, false);
  });
});

function withResolvers<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}
