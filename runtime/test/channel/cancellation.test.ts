/** Each way of cancelling a call, for each kind of call: what its caller, its handler, the wire and the two sides see. */
import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import type { CallOptions } from "../../src/rpc/call-options.js";
import type { HandlerContext } from "../../src/rpc/handler-context.js";
import { statusCodeName } from "../../src/rpc/status-code.js";
import { StatusError } from "../../src/rpc/status-error.js";
import { pushable } from "../../src/stub/pushable.js";
import type {
  ClientStreamRequestInit,
  EchoServiceClient,
  EchoServiceHandlers,
} from "../gen/godwit/testing/v1/echo_godwit.js";
import { checkRejections } from "../support/unhandled-rejections.js";
import { VirtualPair } from "./virtual-pair.js";

/** Handlers that do not end by themselves, and write down how they are ended. */
class Handlers {
  started = 0;
  reason: unknown;
  /** Generators that were returned, loops over requests that were left. */
  left = 0;

  readonly handlers: EchoServiceHandlers = {
    unary: (_, context) => {
      this.#watch(context);
      return new Promise(() => undefined);
    },
    serverStream: (_, context) => this.#endless(context),
    clientStream: async (requests, context) => {
      this.#watch(context);
      try {
        for await (const _ of requests);
      } finally {
        this.left++;
      }
      return {};
    },
    bidi: (requests, context) => this.#echoing(requests, context),
  };

  async *#endless(context: HandlerContext) {
    this.#watch(context);
    try {
      for (let index = 0; ; index++) yield { index };
    } finally {
      this.left++;
    }
  }

  async *#echoing(requests: AsyncIterable<{ readonly index: number }>, context: HandlerContext) {
    this.#watch(context);
    try {
      for await (const { index } of requests) yield { index };
    } finally {
      this.left++;
    }
  }

  #watch({ signal }: HandlerContext): void {
    this.started++;
    signal.addEventListener("abort", () => {
      this.reason = signal.reason;
    });
  }
}

/** A call that runs: its handler has started, and a stream of responses has given one. */
interface RunningCall {
  /** `OK`, or the code that it failed with. Undefined while it runs. */
  outcome(): string | undefined;
  leave?(): unknown;
  failSource?(): void;
}

type Kind = "unary" | "server stream" | "client stream" | "bidi";

function outcomeOf(call: Promise<unknown>): () => string | undefined {
  let outcome: string | undefined;
  call.then(
    () => {
      outcome = "OK";
    },
    (error: unknown) => {
      outcome = error instanceof StatusError ? statusCodeName(error.code) : String(error);
    },
  );
  return () => outcome;
}

/** A stream that is read once, and then by whoever asks for its outcome. */
async function readOnce(pair: VirtualPair, stream: AsyncIterable<unknown>): Promise<RunningCall> {
  const iterator = stream[Symbol.asyncIterator]();
  const first = outcomeOf(iterator.next());
  await pair.platform.settle();
  assert.equal(first(), "OK");
  let reading: (() => string | undefined) | undefined;
  const readOn = async (): Promise<void> => {
    while (!(await iterator.next()).done);
  };
  return {
    outcome: () => {
      reading ??= outcomeOf(readOn());
      return reading();
    },
    leave: () => iterator.return?.(),
  };
}

/** Gives one message, and fails when it is told to. */
function failingSource(): { readonly source: AsyncIterable<{ readonly index: number }>; fail(): void } {
  let fail = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = () => reject(new Error("disk is full"));
  });
  failed.catch(() => undefined);
  async function* source() {
    yield { index: 1 };
    await failed;
  }
  return { source: source(), fail: () => fail() };
}

const starts: Record<Kind, (pair: VirtualPair, echo: EchoServiceClient, options: CallOptions) => Promise<RunningCall>> =
  {
    unary: async ({ platform }, echo, options) => {
      const outcome = outcomeOf(echo.unary({}, options));
      await platform.settle();
      return { outcome };
    },
    "server stream": (pair, echo, options) => readOnce(pair, echo.serverStream({}, options)),
    "client stream": async ({ platform }, echo, options) => {
      const { source, fail } = failingSource();
      const outcome = outcomeOf(echo.clientStream(emptied(source), options));
      await platform.settle();
      return { outcome, failSource: fail };
    },
    bidi: async (pair, echo, options) => {
      const { source, fail } = failingSource();
      return { ...(await readOnce(pair, echo.bidi(source, options))), failSource: fail };
    },
  };

async function* emptied(source: AsyncIterable<unknown>): AsyncGenerator<ClientStreamRequestInit> {
  for await (const _ of source) yield {};
}

interface Way {
  readonly what: string;
  readonly kinds: readonly Kind[];
  readonly options?: (aborting: AbortController) => CallOptions;
  cancel(pair: VirtualPair, call: RunningCall, aborting: AbortController): unknown;
  /** What the caller gets. */
  readonly outcome: string;
  /** What the client writes, with `#` for the call's stream; within the turn in which it is cancelled. */
  readonly endings: readonly string[];
  /** The code of the reason with which the handler's signal aborts. Default CANCELLED. */
  readonly reason?: string;
}

const all: readonly Kind[] = ["unary", "server stream", "client stream", "bidi"];
const never = Number.POSITIVE_INFINITY;

const ways: readonly Way[] = [
  {
    what: "its signal",
    kinds: all,
    options: ({ signal }) => ({ signal }),
    cancel: (_pair, _call, aborting) => aborting.abort(),
    outcome: "CANCELLED",
    endings: ["RST_STREAM # CANCEL"],
  },
  {
    what: "the context that it inherits",
    kinds: all,
    options: ({ signal }) => ({ context: { timeoutMs: () => never, signal } }),
    cancel: (_pair, _call, aborting) => aborting.abort(),
    outcome: "CANCELLED",
    endings: ["RST_STREAM # CANCEL"],
  },
  {
    what: "leaving its iterator",
    kinds: ["server stream", "bidi"],
    cancel: (_pair, call) => void call.leave?.(),
    outcome: "OK",
    endings: ["RST_STREAM # CANCEL"],
  },
  {
    what: "a source that throws",
    kinds: ["client stream", "bidi"],
    cancel: (_pair, call) => call.failSource?.(),
    outcome: "CANCELLED",
    endings: ["RST_STREAM # CANCEL"],
  },
  {
    what: "closing its channel",
    kinds: all,
    cancel: (pair) => void pair.channel.close(),
    outcome: "CANCELLED",
    // The connection is drained, then closed; GOAWAY overtakes.
    endings: ["GOAWAY 0 NO_ERROR", "RST_STREAM # CANCEL"],
  },
  {
    what: "its deadline",
    kinds: all,
    options: () => ({ timeoutMs: 500 }),
    cancel: (pair) => pair.platform.advance(500),
    outcome: "DEADLINE_EXCEEDED",
    endings: ["RST_STREAM # CANCEL"],
    reason: "DEADLINE_EXCEEDED",
  },
  {
    what: "a client that disconnects",
    kinds: all,
    cancel: (pair) => pair.link.cut(),
    outcome: "UNAVAILABLE",
    endings: [],
  },
];

describe("a call that is cancelled", () => {
  checkRejections();

  for (const way of ways) {
    for (const kind of way.kinds) {
      it(`by ${way.what} ends within one turn, on both sides, and leaves nothing: ${kind}`, async () => {
        const handlers = new Handlers();
        const pair = await VirtualPair.open(handlers.handlers);
        const aborting = new AbortController();
        const call = await starts[kind](pair, pair.echo, { retry: false, ...way.options?.(aborting) });
        assert.equal(handlers.started, 1);
        const startedAt = pair.platform.now();

        way.cancel(pair, call, aborting);
        // Promises of the application's iterables go on; then one turn.
        await setImmediate();
        pair.platform.runTurn();
        const endings = pair.endings.map((ending) => ending.replace(/(?<=RST_STREAM )\d+/, "#"));
        assert.deepEqual(endings, way.endings);

        call.outcome();
        await pair.platform.settle();
        assert.equal(call.outcome(), way.outcome);
        assert.ok(handlers.reason instanceof StatusError, `the handler's signal: ${String(handlers.reason)}`);
        assert.equal(statusCodeName(handlers.reason.code), way.reason ?? "CANCELLED");
        assert.equal(handlers.left, kind === "unary" ? 0 : 1, "generators and loops that were left");
        assert.ok(pair.platform.now() - startedAt <= 500, "no time passed");
        pair.assertIdle();
        await pair.close();
      });
    }
  }

  it("in the turn in which it started reaches no handler", async () => {
    const handlers = new Handlers();
    const pair = await VirtualPair.open(handlers.handlers);
    const aborting = new AbortController();
    const options = { signal: aborting.signal };
    const calls = [
      outcomeOf(pair.echo.unary({}, options)),
      outcomeOf(pair.echo.clientStream(pushable<ClientStreamRequestInit>(), options)),
    ];
    aborting.abort();
    await pair.platform.settle();
    assert.deepEqual(
      calls.map((outcome) => outcome()),
      ["CANCELLED", "CANCELLED"],
    );
    assert.equal(handlers.started, 0);
    assert.deepEqual([pair.headers, pair.endings], [2, ["RST_STREAM 1 CANCEL", "RST_STREAM 3 CANCEL"]]);
    pair.assertIdle();
    await pair.close();
  });
});
