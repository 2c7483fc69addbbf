import assert from "node:assert/strict";
import { composeInterceptors } from "../../src/interceptor/compose-interceptors.js";
import { noCallOptions } from "../../src/rpc/call-options.js";
import type { RawInterceptor } from "../../src/rpc/interceptor.js";
import type { RequestStream, ResponseSink } from "../../src/rpc/invoker.js";
import { Metadata } from "../../src/rpc/metadata.js";
import { OK } from "../../src/rpc/status.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { StatusError } from "../../src/rpc/status-error.js";
import { echoMethod, text } from "../support/echo-service.js";
import { RecordingResponse } from "../support/recording-response.js";
import { ScriptedInvoker } from "../support/scripted-invoker.js";

const peer = { address: "ipv4:127.0.0.1:1", security: "none" } as const;

/** Where a raw interceptor may throw: in its own invoke, in what it is told from above, in what it is told from below. */
const places = [
  "invoke",
  "send",
  "finish",
  "pull",
  "cancel",
  "onHeaders",
  "onMessage",
  "onStatus",
  "onWritable",
] as const;
type Place = (typeof places)[number];

/** Passes everything through, and throws in one place. `behind`: when it has passed it on. */
function throwing(place: Place, thrown: unknown, behind = false): RawInterceptor {
  const at = <T>(here: Place, pass: () => T): T => {
    if (here === place && !behind) throw thrown;
    const result = pass();
    if (here === place) throw thrown;
    return result;
  };
  return (next) => ({
    invoke: (headers, options, sink) =>
      at("invoke", () => {
        const watched: ResponseSink = {
          onHeaders: (metadata, from) => at("onHeaders", () => sink.onHeaders(metadata, from)),
          onMessage: (message) => at("onMessage", () => sink.onMessage(message)),
          onStatus: (status) => at("onStatus", () => sink.onStatus(status)),
          onWritable: () => at("onWritable", () => sink.onWritable()),
        };
        const below = next.invoke({ ...headers }, options, watched);
        return {
          send: (message, last) => at("send", () => below.send(message, last)),
          finish: () => at("finish", () => below.finish()),
          pull: (count) => at("pull", () => below.pull(count)),
          cancel: (status) => at("cancel", () => below.cancel(status)),
        };
      }),
  });
}

interface World {
  readonly stream: RequestStream;
  readonly response: RecordingResponse;
  readonly below: ScriptedInvoker;
  readonly errors: unknown[];
}

function invoke(raw: RawInterceptor, side: "client" | "server" = "server"): World {
  const below = new ScriptedInvoker();
  const response = new RecordingResponse();
  const errors: unknown[] = [];
  const chain = composeInterceptors([{ raw }], below, (error) => errors.push(error));
  const headers = { method: echoMethod("chat"), metadata: new Metadata(), deadline: 7 };
  const stream = chain.invoke(side === "server" ? { ...headers, peer } : headers, noCallOptions, response);
  return { stream, response, below, errors };
}

/** One of everything that may happen on a call, but its cancel. */
function exchange({ stream, below }: World): void {
  stream.pull(2);
  stream.send(text("a"), false);
  stream.finish();
  const call = below.calls[0];
  if (call === undefined) return;
  call.sink.onWritable();
  call.sink.onHeaders(new Metadata());
  call.sink.onMessage(text("b"));
  call.sink.onStatus(OK);
}

describe("interceptor: raw interceptors that throw", () => {
  for (const place of places) {
    for (const behind of [false, true]) {
      it(`in ${place}, ${behind ? "behind" : "before"} what they pass on: the call ends once, nothing is thrown`, () => {
        const thrown = new Error("password is hunter2");
        const world = invoke(throwing(place, thrown, behind));
        if (place === "cancel") {
          world.stream.cancel({ code: StatusCode.CANCELLED, message: "enough" });
          assert.equal(world.response.status?.code, StatusCode.CANCELLED);
        } else {
          exchange(world);
          const passed = place === "onStatus" && behind;
          assert.equal(world.response.status?.code, passed ? StatusCode.OK : StatusCode.UNKNOWN);
          if (!passed) assert.equal(world.response.status?.message, "Internal error");
        }
        assert.deepEqual(world.errors, [thrown]);
        world.stream.send(text("late"), true);
        world.stream.finish();
        world.stream.pull(1);
        world.stream.cancel({ code: StatusCode.CANCELLED, message: "late" });
        assert.deepEqual(world.errors, [thrown], "nothing reaches it any more");
        for (const call of world.below.calls) {
          assert.ok(place === "onStatus" || call.cancels.length > 0, "what is below knows that nobody listens");
        }
      });
    }
  }

  it("a StatusError end the call as it says, and it is reported to nobody", () => {
    for (const place of ["invoke", "send", "onMessage"] as const) {
      const world = invoke(throwing(place, new StatusError(StatusCode.PERMISSION_DENIED, "not you")));
      exchange(world);
      assert.deepEqual([world.response.status?.code, world.response.status?.message], [7, "not you"]);
      assert.deepEqual(world.errors, []);
    }
  });

  it("on a client are INTERNAL, with the text of what they threw", () => {
    const world = invoke(throwing("onMessage", new Error("a bug")), "client");
    exchange(world);
    assert.equal(world.response.status?.code, StatusCode.INTERNAL);
    assert.equal(world.response.status?.message, "an interceptor failed in /test.v1.Echo/Chat: a bug");
  });

  it("may throw what cannot be looked at, and the listener for errors may throw", () => {
    const hostile = new Proxy({}, { get: () => assert.fail("looked at"), has: () => assert.fail("looked at") });
    const response = new RecordingResponse();
    const listener = () => {
      throw new Error("the listener");
    };
    const chain = composeInterceptors([{ raw: throwing("invoke", hostile) }], new ScriptedInvoker(), listener);
    const headers = { method: echoMethod("chat"), metadata: new Metadata(), deadline: 7, peer };
    chain.invoke(headers, noCallOptions, response);
    assert.equal(response.status?.code, StatusCode.UNKNOWN);
  });

  it("are not the only ones: who gives no stream ends the call too", () => {
    for (const nothing of [undefined, null, 5]) {
      const world = invoke(() => ({ invoke: () => nothing as never }));
      assert.equal(world.response.status?.code, StatusCode.UNKNOWN);
      assert.match(
        String(world.errors[0]),
        /^TypeError: a raw interceptor of \/test.v1.Echo\/Chat gave no RequestStream/,
      );
    }
  });

  it("among several end the call for the others in order", () => {
    const seen: string[] = [];
    const watch = (name: string): RawInterceptor => {
      return (next) => ({
        invoke: (headers, options, sink) =>
          next.invoke(headers, options, {
            onHeaders: (metadata) => sink.onHeaders(metadata),
            onMessage: (message) => sink.onMessage(message),
            onWritable: () => sink.onWritable(),
            onStatus: (status) => {
              seen.push(`${name} ${status.code}`);
              sink.onStatus(status);
            },
          }),
      });
    };
    const below = new ScriptedInvoker();
    const response = new RecordingResponse();
    const layers = [watch("outer"), throwing("onMessage", new Error("a bug")), watch("inner")].map((raw) => ({ raw }));
    const headers = { method: echoMethod("chat"), metadata: new Metadata(), deadline: 7, peer };
    const stream = composeInterceptors(layers, below).invoke(headers, noCallOptions, response);
    stream.pull(1);
    below.call.sink.onHeaders(new Metadata());
    below.call.sink.onMessage(text("b"));
    assert.deepEqual(seen, ["outer 2", "inner 2"], "from above as an end, from below as an answer to its cancel");
    assert.deepEqual(response.events, ["headers", "status UNKNOWN"]);
    assert.equal(below.call.cancels.length, 1);
  });

  it("may go on with a call later, and with headers of their own", async () => {
    let release = (): void => {};
    const later: RawInterceptor = (next) => ({
      invoke(headers, options, sink) {
        const deaf: ResponseSink = {
          onHeaders: () => assert.fail("deaf"),
          onMessage: () => assert.fail("deaf"),
          onWritable: () => assert.fail("deaf"),
          onStatus: (status) => sink.onStatus(status),
        };
        const { method, metadata, deadline } = headers;
        release = () => void next.invoke({ method, metadata, deadline }, options, deaf);
        return { send: () => false, finish() {}, pull() {}, cancel() {} };
      },
    });
    const world = invoke(later);
    release();
    world.below.call.sink.onHeaders(new Metadata());
    assert.equal(world.response.status?.code, StatusCode.UNKNOWN, "it is told of the end as from below");
    assert.equal(world.errors.length, 1);
  });
});
