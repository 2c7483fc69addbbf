import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { Metadata } from "../../src/rpc/metadata.js";
import { OK, type Status } from "../../src/rpc/status.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { StatusError } from "../../src/rpc/status-error.js";
import { createClient } from "../../src/stub/client.js";
import { Echo, type EchoClient, type TextInit, text } from "../support/echo-service.js";
import { ScriptedInvoker } from "../support/scripted-invoker.js";
import { checkRejections } from "../support/unhandled-rejections.js";

const down: Status = { code: StatusCode.UNAVAILABLE, message: "down" };

function is(code: StatusCode, message?: RegExp | string): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof StatusError);
    assert.equal(error.code, code);
    if (typeof message === "string") assert.equal(error.statusMessage, message);
    else if (message !== undefined) assert.match(error.statusMessage, message);
    return true;
  };
}

/** Counts what is taken from it, and whether it was told to return. */
class CountingSource {
  taken = 0;
  returned = 0;
  readonly #limit: number;

  constructor(limit = Number.POSITIVE_INFINITY) {
    this.#limit = limit;
  }

  async *read(): AsyncGenerator<TextInit> {
    try {
      while (this.taken < this.#limit) yield { value: String(this.taken++) };
    } finally {
      this.returned++;
    }
  }
}

describe("stub: client stream", () => {
  checkRejections();
  let invoker: ScriptedInvoker;
  let client: EchoClient;

  beforeEach(() => {
    invoker = new ScriptedInvoker();
    client = createClient(Echo, invoker);
  });

  it("sends an array within the call, half-closes, and resolves to the response", async () => {
    const promise = client.upload([{ value: "a" }, text("b")]);
    const { call } = invoker;
    assert.deepEqual(call.sent, [text("a"), text("b")]);
    assert.equal(call.finished, true);
    call.sink.onHeaders(new Metadata());
    call.sink.onMessage(text("sum"));
    call.sink.onStatus(OK);
    assert.equal((await promise).value, "sum");
  });

  it("half-closes a call of no messages", () => {
    void client.upload([]);
    assert.equal(invoker.call.finished, true);
    assert.deepEqual(invoker.call.sent, []);
  });

  it("reads an async source and half-closes behind it", async () => {
    void client.upload(new CountingSource(3).read());
    await setImmediate();
    assert.deepEqual(invoker.call.sent, [text("0"), text("1"), text("2")]);
    assert.equal(invoker.call.finished, true);
  });

  for (const kind of ["async", "sync"]) {
    it(`reads no further than the call takes: ${kind} source`, async () => {
      let taken = 0;
      function* generate(): Generator<TextInit> {
        for (;;) yield { value: String(taken++) };
      }
      const source = new CountingSource();
      invoker.onInvoke = (call) => {
        call.writable = false;
      };
      void client.upload(kind === "sync" ? generate() : source.read());
      await setImmediate();
      assert.equal(kind === "sync" ? taken : source.taken, 1);
      invoker.call.sink.onWritable();
      await setImmediate();
      assert.equal(kind === "sync" ? taken : source.taken, 2);
      invoker.call.sink.onStatus(down);
    });
  }

  for (const end of [OK, down]) {
    it(`tells the source to return when the call ends with ${end.code} before it`, async () => {
      const source = new CountingSource();
      invoker.onInvoke = (call) => {
        call.writable = false;
      };
      const promise = client.upload(source.read());
      await setImmediate();
      const { call } = invoker;
      call.sink.onHeaders(new Metadata());
      call.sink.onMessage(text("enough"));
      call.sink.onStatus(end);
      await promise.catch(() => undefined);
      await setImmediate();
      assert.equal(source.returned, 1);
      assert.equal(call.finished, false);
    });
  }

  it("survives a source that throws while it returns", async () => {
    async function* source(): AsyncGenerator<TextInit> {
      try {
        for (;;) yield {};
      } finally {
        // biome-ignore lint/correctness/noUnsafeFinally: what a careless source does
        throw new Error("on my way out");
      }
    }
    invoker.onInvoke = (call) => {
      call.writable = false;
    };
    const promise = client.upload(source());
    await setImmediate();
    invoker.call.sink.onStatus(down);
    await assert.rejects(promise, is(StatusCode.UNAVAILABLE));
  });

  it("cancels when the source throws, with the error as cause", async () => {
    const failure = new Error("disk is gone");
    // biome-ignore lint/correctness/useYield: it fails before it could
    async function* source(): AsyncGenerator<TextInit> {
      throw failure;
    }
    const promise = client.upload(source());
    await assert.rejects(promise, (error: StatusError) => {
      assert.equal(error.cause, failure);
      return is(StatusCode.CANCELLED, "the source of requests of /test.v1.Echo/Upload failed: disk is gone")(error);
    });
    assert.equal(invoker.call.finished, false);
  });

  it("cancels with INTERNAL when the source gives no message, and tells it to return", async () => {
    let returned = false;
    function* source(): Generator<TextInit> {
      try {
        yield 1 as never;
        assert.fail("it was read on");
      } finally {
        returned = true;
      }
    }
    await assert.rejects(
      client.upload(source()),
      is(StatusCode.INTERNAL, /^cannot send a message of \/test\.v1\.Echo\/Upload: message is a number/),
    );
    assert.equal(returned, true);
    assert.deepEqual(invoker.call.sent, []);
  });

  for (const source of [undefined, null, 7, {}]) {
    it(`cancels a call whose source is ${String(source)}`, async () => {
      await assert.rejects(
        client.upload(source as never),
        is(
          StatusCode.CANCELLED,
          "the source of requests of /test.v1.Echo/Upload failed: expected an Iterable or AsyncIterable of messages",
        ),
      );
    });
  }

  it("does not open the source of a call that cannot start", async () => {
    const source = new CountingSource();
    await assert.rejects(client.upload(source.read(), { metadata: { te: "x" } }), is(StatusCode.INTERNAL));
    await assert.rejects(client.upload(source.read(), { signal: AbortSignal.abort() }), is(StatusCode.CANCELLED));
    assert.equal(source.taken, 0);
    assert.equal(invoker.calls.length, 0);
  });

  it("does not open the source of a call that ends within invoke", async () => {
    const source = new CountingSource();
    invoker.onInvoke = (call) => call.sink.onStatus(down);
    await assert.rejects(client.upload(source.read()), is(StatusCode.UNAVAILABLE));
    assert.equal(source.taken, 0);
  });
});
