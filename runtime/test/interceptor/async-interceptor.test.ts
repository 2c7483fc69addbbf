import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { interceptAsync } from "../../src/interceptor/async-interceptor.js";
import { noCallOptions } from "../../src/rpc/call-options.js";
import type { InterceptedCall, Interceptor } from "../../src/rpc/interceptor.js";
import type { RequestStream } from "../../src/rpc/invoker.js";
import { Metadata } from "../../src/rpc/metadata.js";
import { OK, type Status } from "../../src/rpc/status.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { StatusError } from "../../src/rpc/status-error.js";
import { echoMethod, type Text, text } from "../support/echo-service.js";
import { RecordingResponse } from "../support/recording-response.js";
import { ScriptedInvoker } from "../support/scripted-invoker.js";
import { checkRejections } from "../support/unhandled-rejections.js";

const peer = { address: "ipv4:127.0.0.1:1", security: "none" } as const;
const down: Status = { code: StatusCode.UNAVAILABLE, message: "down" };
const cancelled: Status = { code: StatusCode.CANCELLED, message: "enough" };

describe("interceptor: interceptAsync", () => {
  checkRejections();
  let below: ScriptedInvoker;
  let response: RecordingResponse;
  let errors: unknown[];

  beforeEach(() => {
    below = new ScriptedInvoker();
    response = new RecordingResponse();
    errors = [];
  });

  function invoke(interceptor: Interceptor, side: "client" | "server" = "client"): RequestStream {
    const invoker = interceptAsync(interceptor, (error) => errors.push(error))(below);
    const headers = { method: echoMethod("chat"), metadata: new Metadata({ a: "1" }), deadline: 7 };
    return invoker.invoke(side === "server" ? { ...headers, peer } : headers, noCallOptions, response);
  }

  /** What the interceptor holds until the test lets it go on. */
  function gate(): { opened: Promise<void>; open: () => void } {
    let open = (): void => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    return { opened, open };
  }

  for (const side of ["client", "server"] as const) {
    it(`passes no more requests on once the call has ended below, however long it holds the end back: ${side}`, async () => {
      const { opened, open } = gate();
      const interceptor: Interceptor = (next) => async (call) => {
        const status = await next(call);
        await opened;
        return status;
      };
      const stream = invoke(interceptor, side);
      below.call.sink.onStatus(down);
      const goesOn = side === "server";
      assert.equal(stream.send(text("a"), false), goesOn, "a client's source may have no end");
      await setImmediate();
      assert.equal(response.status, undefined);
      assert.deepEqual(below.call.sent, []);
      open();
      await setImmediate();
      assert.deepEqual(response.events, ["status UNAVAILABLE"]);
    });
  }

  it("passes everything through an interceptor that only calls next", async () => {
    const stream = invoke((next) => (call) => next(call));
    stream.pull(3);
    assert.equal(stream.send(text("a"), false), true);
    below.call.writable = false;
    assert.equal(stream.send(text("b"), false), false);
    stream.finish();
    const { call } = below;
    assert.deepEqual(call.sent, [text("a"), text("b")]);
    assert.equal(call.finished, true);
    assert.equal(call.pulled, 3);
    call.sink.onWritable();
    call.sink.onHeaders(new Metadata(), peer);
    call.sink.onMessage(text("c"));
    assert.deepEqual(response.events, ["writable", "headers", "message c"]);
    assert.equal(response.peer, peer);
    call.sink.onStatus(down);
    await setImmediate();
    assert.equal(response.status, down);
  });

  it("shows method, deadline, peer and headers of the response", async () => {
    const calls: InterceptedCall[] = [];
    invoke((next) => (call) => {
      calls.push(call);
      return next(call);
    });
    const [seen] = calls;
    assert.equal(seen?.method, echoMethod("chat"));
    assert.equal(seen.deadline, 7);
    assert.equal(seen.peer, undefined);
    assert.equal(seen.responseHeaders, undefined);
    below.call.sink.onHeaders(new Metadata({ h: "1" }), peer);
    assert.deepEqual([seen.peer, calls[0]?.responseHeaders?.get("h")], [peer, "1"]);
  });

  it("shows who calls on the server", () => {
    let seen: InterceptedCall | undefined;
    invoke(
      (next) => (call) => {
        seen = call;
        return next(call);
      },
      "server",
    );
    assert.equal(seen?.peer, peer);
  });

  it("changes a copy of the metadata", () => {
    const metadata = new Metadata({ a: "1" });
    const invoker = interceptAsync((next) => (call) => {
      call.metadata.set("b", "2");
      return next(call);
    })(below);
    invoker.invoke({ method: echoMethod("unary"), metadata, deadline: 1 }, noCallOptions, response);
    assert.equal(below.call.headers.metadata.get("a"), "1");
    assert.equal(below.call.headers.metadata.get("b"), "2");
    assert.equal(metadata.has("b"), false);
  });

  it("may replace the status", async () => {
    invoke((next) => async (call) => {
      const status = await next(call);
      return { code: StatusCode.ABORTED, message: `was: ${status.message}` };
    });
    below.call.sink.onStatus(down);
    await setImmediate();
    assert.deepEqual(response.status, { code: StatusCode.ABORTED, message: "was: down" });
  });

  it("ends the call without next when a status is returned", async () => {
    const stream = invoke(() => async () => down);
    stream.send(text("a"), true);
    stream.pull(1);
    await setImmediate();
    assert.equal(below.calls.length, 0);
    assert.deepEqual(response.events, ["status UNAVAILABLE"]);
  });

  it("takes a status that is no promise, in the same turn", () => {
    invoke((() => () => down) as never);
    assert.deepEqual(response.events, ["status UNAVAILABLE"]);
  });

  it("holds requests and pulls until next is called, and one message only", async () => {
    const { opened, open } = gate();
    const stream = invoke((next) => async (call) => {
      await opened;
      return next(call);
    });
    stream.pull(5);
    assert.equal(stream.send(text("a"), false), false);
    assert.equal(below.calls.length, 0);
    open();
    await setImmediate();
    assert.deepEqual(below.call.sent, [text("a")]);
    assert.equal(below.call.pulled, 5);
    assert.equal(below.call.finished, false);
    assert.deepEqual(response.events, ["writable"]);
  });

  for (const withMessage of [true, false]) {
    it(`half-closes when next is called after the caller did, ${withMessage ? "with" : "without"} a message`, async () => {
      const { opened, open } = gate();
      const stream = invoke((next) => async (call) => {
        await opened;
        return next(call);
      });
      if (withMessage) stream.send(text("a"), true);
      else stream.finish();
      open();
      await setImmediate();
      assert.equal(below.call.sent.length, withMessage ? 1 : 0);
      assert.equal(below.call.finished, true);
    });
  }

  it("stays blocked when what is below takes no more", async () => {
    const { opened, open } = gate();
    below.onInvoke = (call) => {
      call.writable = false;
    };
    const stream = invoke((next) => async (call) => {
      await opened;
      return next(call);
    });
    stream.send(text("a"), false);
    open();
    await setImmediate();
    assert.deepEqual(response.events, []);
    below.call.sink.onWritable();
    assert.deepEqual(response.events, ["writable"]);
  });

  it("shows and maps messages of both directions, in the order of registration", () => {
    const seen: string[] = [];
    const stream = invoke((next) => (call) => {
      call.onMessage((message, direction) => seen.push(`${direction} ${(message as Text).value}`));
      call.mapMessage((message) => text(`${(message as Text).value}1`));
      call.mapMessage((message) => text(`${(message as Text).value}2`));
      call.onMessage((message, direction) => seen.push(`${direction} ${(message as Text).value}`));
      return next(call);
    });
    stream.send(text("a"), true);
    assert.deepEqual(below.call.sent, [text("a12")]);
    below.call.sink.onHeaders(new Metadata());
    below.call.sink.onMessage(text("b"));
    assert.deepEqual(response.messages, [text("b12")]);
    assert.deepEqual(seen, ["request a", "request a12", "response b", "response b12"]);
  });

  it("maps requests that came before next with what was registered before next", async () => {
    const stream = invoke((next) => async (call) => {
      await setImmediate();
      call.mapMessage(() => text("mapped"));
      return next(call);
    });
    stream.send(text("a"), true);
    await setImmediate();
    await setImmediate();
    assert.deepEqual(below.call.sent, [text("mapped")]);
  });

  for (const direction of ["request", "response"] as const) {
    it(`fails the call when mapMessage throws on a ${direction}, or gives nothing`, async () => {
      const maps = [
        () => {
          throw new Error("no");
        },
        () => undefined,
      ];
      for (const map of maps) {
        below = new ScriptedInvoker();
        response = new RecordingResponse();
        const stream = invoke((next) => (call) => {
          call.mapMessage(map);
          return next(call);
        });
        below.call.answersCancel = false;
        if (direction === "request") stream.send(text("a"), false);
        below.call.sink.onHeaders(new Metadata());
        below.call.sink.onMessage(text("b"));
        await setImmediate();
        assert.equal(below.call.cancels.length, 1);
        assert.deepEqual(below.call.sent, []);
        assert.deepEqual(response.messages, []);
        assert.equal(response.status?.code, StatusCode.INTERNAL);
        assert.match(
          response.status?.message ?? "",
          /^an interceptor failed in \/test\.v1\.Echo\/Chat: (no|mapMessage gave undefined for a (request|response) message of \/test\.v1\.Echo\/Chat)$/,
        );
      }
      assert.equal(errors.length, 2);
    });
  }

  it("answers with respond, as the messages are pulled", async () => {
    const stream = invoke(() => async (call) => {
      call.respond(text("a"));
      call.respond({ value: "b" });
      return OK;
    });
    await setImmediate();
    assert.deepEqual(response.events, []);
    stream.pull(1);
    assert.deepEqual(response.events, ["headers", "message a"]);
    stream.pull(1);
    assert.deepEqual(response.events, ["headers", "message a", "message b", "status OK"]);
    assert.deepEqual(response.messages[1], text("b"));
    assert.equal(below.calls.length, 0);
  });

  it("rejects next after respond, respond after next, and a response of another type", async () => {
    const attempts: ((call: InterceptedCall, next: () => Promise<Status>) => Promise<Status> | Status)[] = [
      (call, next) => {
        call.respond(text("a"));
        return next();
      },
      (call, next) => {
        void next();
        call.respond(text("a"));
        return OK;
      },
      (call) => {
        call.respond({ $typeName: "x.Y" });
        return OK;
      },
    ];
    const messages: string[] = [];
    for (const attempt of attempts) {
      response = new RecordingResponse();
      invoke((next) => async (call) => attempt(call, () => next(call)));
      await setImmediate();
      messages.push(response.status?.message.replace("an interceptor failed in /test.v1.Echo/Chat: ", "") ?? "");
    }
    assert.deepEqual(messages, [
      "next was called after respond by an interceptor of /test.v1.Echo/Chat",
      "respond was called after next by an interceptor of /test.v1.Echo/Chat",
      "respond got a x.Y for /test.v1.Echo/Chat, expected a google.protobuf.StringValue",
    ]);
  });

  it("rejects a second next, also one that nobody awaits", async () => {
    let second: unknown;
    invoke((next) => async (call) => {
      const first = next(call);
      void next(call);
      second = await next(call).catch((error: Error) => error.message);
      return first;
    });
    below.call.sink.onStatus(OK);
    await setImmediate();
    assert.match(String(second), /^next was called twice/);
    assert.equal(below.calls.length, 1);
    assert.equal(response.status, OK);
  });

  it("rejects a next that is given something else than the call", async () => {
    invoke((next) => (call) => next({ ...call }));
    await setImmediate();
    assert.match(
      response.status?.message ?? "",
      /next takes the call that the interceptor was given, got another value$/,
    );
  });

  it("passes a cancel down, and brings the status up through the interceptor", async () => {
    const seen: Status[] = [];
    const stream = invoke((next) => async (call) => {
      const status = await next(call);
      seen.push(status);
      return status;
    });
    stream.cancel(cancelled);
    stream.cancel(down);
    assert.deepEqual(below.call.cancels, [cancelled]);
    below.call.sink.onHeaders(new Metadata());
    await setImmediate();
    assert.deepEqual(seen, [cancelled]);
    assert.deepEqual(response.events, ["status CANCELLED"]);
  });

  it("ends at once when it is cancelled before next; next then resolves and calls nothing", async () => {
    const { opened, open } = gate();
    let resolved: Status | undefined;
    const stream = invoke((next) => async (call) => {
      await opened;
      resolved = await next(call);
      return OK;
    });
    stream.cancel(cancelled);
    assert.deepEqual(response.events, ["status CANCELLED"]);
    open();
    await setImmediate();
    assert.equal(resolved, cancelled);
    assert.equal(below.calls.length, 0);
    assert.deepEqual(response.events, ["status CANCELLED"]);
  });

  it("passes on a cancel that comes while next is being invoked", async () => {
    below.onInvoke = (call) => {
      call.answersCancel = false;
      call.sink.onHeaders(new Metadata());
    };
    const { opened, open } = gate();
    const stream = invoke((next) => async (call) => {
      await opened;
      return next(call);
    });
    response.onEvent = () => stream.cancel(cancelled);
    open();
    await setImmediate();
    assert.deepEqual(below.call.cancels, [cancelled]);
    below.call.sink.onStatus(cancelled);
    await setImmediate();
    assert.equal(response.status, cancelled);
  });

  it("cancels what is below when the interceptor returns before it has ended", async () => {
    invoke((next) => async (call) => {
      void next(call);
      return down;
    });
    await setImmediate();
    assert.equal(below.call.cancels[0]?.message, "an interceptor ended the call before its server did");
    assert.deepEqual(response.events, ["status UNAVAILABLE"]);
  });

  it("ends with the status of a StatusError, and reports none", async () => {
    for (const side of ["client", "server"] as const) {
      response = new RecordingResponse();
      invoke(() => () => Promise.reject(new StatusError(StatusCode.PERMISSION_DENIED, "not you")), side);
      await setImmediate();
      assert.equal(response.status?.code, StatusCode.PERMISSION_DENIED);
      assert.equal(response.status?.message, "not you");
    }
    assert.deepEqual(errors, []);
  });

  it("ends with the text of an error on the client, and without it on the server", async () => {
    const failure = new Error("password is hunter2");
    const expected = {
      client: [StatusCode.INTERNAL, "an interceptor failed in /test.v1.Echo/Chat: password is hunter2"],
      server: [StatusCode.UNKNOWN, "Internal error"],
    };
    for (const side of ["client", "server"] as const) {
      response = new RecordingResponse();
      errors = [];
      invoke(() => {
        return () => {
          throw failure;
        };
      }, side);
      assert.deepEqual([response.status?.code, response.status?.message], expected[side]);
      assert.equal(response.status?.cause, failure);
      assert.deepEqual(errors, [failure]);
    }
  });

  it("fails when something else than a status is returned", async () => {
    for (const returned of [undefined, {}, { code: 99 }]) {
      response = new RecordingResponse();
      invoke(() => async () => returned as never);
      await setImmediate();
      assert.match(
        response.status?.message ?? "",
        /Chat returned (undefined|a value of type object), expected a Status$/,
      );
    }
  });

  it("ignores what onError throws", async () => {
    const invoker = interceptAsync(
      () => () => Promise.reject(new Error("first")),
      () => {
        throw new Error("second");
      },
    )(below);
    const headers = { method: echoMethod("unary"), metadata: new Metadata(), deadline: 1, peer };
    invoker.invoke(headers, noCallOptions, response);
    await setImmediate();
    assert.equal(response.status?.code, StatusCode.UNKNOWN);
  });

  it("does not report the echo of a cancel", async () => {
    const stream = invoke(
      (next) => async (call) => {
        await next(call);
        throw new DOMException("aborted", "AbortError");
      },
      "server",
    );
    stream.cancel(cancelled);
    await setImmediate();
    assert.deepEqual(errors, []);
    assert.equal(response.status?.code, StatusCode.UNKNOWN);
  });

  it("throws at composition when the interceptor is no function of a call", () => {
    assert.throws(
      () => interceptAsync((() => undefined) as never)(below),
      /^TypeError: an interceptor returned undefined, expected \(next\) => async \(call\) => status$/,
    );
  });
});
