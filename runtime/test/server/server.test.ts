import assert from "node:assert/strict";
import type { ByteStream, ByteStreamSink } from "../../src/base/platform.js";
import { insecureServer } from "../../src/credentials/server-credentials.js";
import { SessionCounters } from "../../src/http2/session-counters.js";
import { composeInterceptors } from "../../src/interceptor/compose-interceptors.js";
import type { Interceptor } from "../../src/rpc/interceptor.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { StatusError } from "../../src/rpc/status-error.js";
import type { CreateTransport } from "../../src/server/connections/server-connections.js";
import { createServer, GrpcServer, type Server } from "../../src/server/server.js";
import type { ServerOptions } from "../../src/server/server-options.js";
import { createClient } from "../../src/stub/client.js";
import { pushable } from "../../src/stub/pushable.js";
import { nextId } from "../../src/telemetry/next-id.js";
import { Traffic } from "../../src/telemetry/traffic.js";
import { findInProcessServer } from "../../src/transport/in-process/in-process-transport.js";
import type { ConnectionReport, ServerTransport, ServerTransportListener } from "../../src/transport/transport.js";
import { describeEcho, Echo, type EchoHandlers, type Text, type TextInit, text } from "../support/echo-service.js";
import { FakePlatform } from "../support/fake-platform.js";
import { checkRejections } from "../support/unhandled-rejections.js";

/** A connection without bytes: writes down what the server asks of it. */
class FakeTransport implements ServerTransport {
  readonly id = nextId();
  readonly peer = { address: "ipv4:127.0.0.1:1", security: "none" } as const;
  activeCalls = 0;
  readonly asked: string[] = [];
  readonly listener: ServerTransportListener;

  constructor(listener: ServerTransportListener) {
    this.listener = listener;
  }

  report(): ConnectionReport {
    const { peer, activeCalls } = this;
    const counters = new SessionCounters();
    const nothing = { waitingCalls: 0, retainedHeaderBytes: 0, incompleteBytes: 0, unreadBytes: 0 };
    const receiveWindow = { available: 0, held: 0, owed: 0 };
    const totals = { streamsStarted: 0, openStreams: 0, messagesReceived: 0, keepalivesSent: 0 };
    const clock = { now: () => 0, wallClock: () => 0 };
    const traffic = new Traffic().report(clock, { ...totals, sendWindow: 0, receiveWindow: 0 });
    return { id: this.id, peer, local: undefined, activeCalls, ...nothing, receiveWindow, counters, traffic };
  }

  drain(): void {
    this.asked.push("drain");
  }

  close(): void {
    this.asked.push("close");
    this.listener.onClosed("closed", undefined);
  }

  refuse(reason: string): void {
    this.asked.push(`refuse: ${reason}`);
    this.listener.onClosed("closed", undefined);
  }
}

const silent: ByteStreamSink = { onData() {}, onDrain() {}, onEnd() {}, onClose() {} };

async function* echo(requests: AsyncIterable<Text>): AsyncGenerator<TextInit> {
  for await (const request of requests) yield request;
}

const handlers: EchoHandlers = {
  unary: (request) => ({ value: `${request.value}!` }),
  async upload(requests) {
    let all = "";
    for await (const request of requests) all += request.value;
    return { value: all };
  },
  async *list(request) {
    for (const value of request.value) yield { value };
  },
  chat: echo,
};

describe("server", () => {
  checkRejections();
  let platform: FakePlatform;
  let errors: { error: unknown; path: string; peer: string | undefined }[];
  let transports: FakeTransport[];

  beforeEach(() => {
    platform = new FakePlatform();
    errors = [];
    transports = [];
  });

  const createTransport: CreateTransport = (_stream, _options, _dispatcher, listener) => {
    const transport = new FakeTransport(listener);
    transports.push(transport);
    return { transport, sink: silent };
  };

  function create(interceptors: Interceptor[] = [], options: ServerOptions = {}): Server {
    const onError = (error: unknown, call: { method: { path: string }; peer: { address: string } | undefined }) =>
      errors.push({ error, path: call.method.path, peer: call.peer?.address });
    return new GrpcServer({ platform, interceptors, onError, ...options }, createTransport);
  }

  /** Awaits a promise while the world goes round. */
  async function turn<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settled = promise.finally(() => {
      isSettled = true;
    });
    settled.catch(() => undefined);
    for (let i = 0; i < 200 && !isSettled; i++) await platform.settle();
    if (!isSettled) throw new Error("the promise does not settle");
    return settled;
  }

  async function collect(stream: AsyncIterable<Text>): Promise<string[]> {
    const values: string[] = [];
    for await (const message of stream) values.push(message.value);
    return values;
  }

  describe("in process", () => {
    it("wants a platform that can pass contexts on where it is to do so", () => {
      assert.throws(
        () => createServer({ platform, propagateContext: true }),
        new TypeError("propagateContext is true: expected a platform with createAsyncScope"),
      );
    });

    it("serves the four shapes", async () => {
      const client = createClient(Echo, create().add(Echo, handlers).inProcess());
      assert.equal((await turn(client.unary({ value: "a" }))).value, "a!");
      assert.equal((await turn(client.upload([{ value: "a" }, { value: "b" }]))).value, "ab");
      assert.deepEqual(await turn(collect(client.list({ value: "abc" }))), ["a", "b", "c"]);
      assert.deepEqual(await turn(collect(client.chat(["x", "y"].map(text)))), ["x", "y"]);
      platform.assertQuiet();
    });

    it("reads a source without an end no further than to the end of its call", async () => {
      const most = 10_000;
      let taken = 0;
      async function* endless(): AsyncGenerator<TextInit> {
        while (taken++ < most) yield { value: "" };
      }
      for (let wanted = 0; wanted < 40; wanted++) {
        taken = 0;
        const upload: EchoHandlers["upload"] = async (requests) => {
          let left = wanted;
          for await (const _ of requests) if (left-- === 0) break;
          return { value: "enough" };
        };
        const client = createClient(
          Echo,
          create()
            .add(Echo, { ...handlers, upload })
            .inProcess(),
        );
        assert.equal((await turn(client.upload(endless()))).value, "enough");
        assert.ok(taken <= wanted + 40, `${taken} messages were taken of a call that wanted ${wanted}`);
      }
    });

    it("takes nothing of a source when it is closed", async () => {
      let taken = 0;
      function* endless(): Generator<TextInit> {
        while (taken++ < 10_000) yield { value: "" };
      }
      const server = create().add(Echo, handlers);
      const client = createClient(Echo, server.inProcess());
      await turn(server.close());
      await assert.rejects(turn(client.upload(endless())), { code: StatusCode.UNAVAILABLE });
      assert.equal(taken, 1);
    });

    it("serves more messages than are ever ahead", async () => {
      const client = createClient(Echo, create().add(Echo, handlers).inProcess());
      const values = Array.from({ length: 500 }, (_, i) => String(i));
      assert.deepEqual(await turn(collect(client.chat(values.map(text)))), values);
      assert.equal((await turn(client.upload(values.map(text)))).value, values.join(""));
      platform.assertQuiet();
    });

    it("serves descriptors of protobuf-es on both sides", async () => {
      const desc = describeEcho();
      const server = create();
      server.add(desc, handlers as never);
      const client = createClient(desc, server.inProcess()) as unknown as Record<string, (r: object) => Promise<Text>>;
      assert.equal((await turn(client["unary"]?.({ value: "a" }) as Promise<Text>)).value, "a!");
    });

    it("talks through a pushable, line by line", async () => {
      const client = createClient(Echo, create().add(Echo, handlers).inProcess());
      const lines = pushable<TextInit>();
      const chat = client.chat(lines);
      const seen: string[] = [];
      const conversation = (async () => {
        await lines.write({ value: "hello" });
        for await (const line of chat) {
          seen.push(line.value);
          if (seen.length === 3) lines.finish();
          else await lines.write({ value: `${line.value}${seen.length}` });
        }
      })();
      await turn(conversation);
      assert.deepEqual(seen, ["hello", "hello1", "hello12"]);
    });

    it("brings a handler's StatusError to the caller as it is", async () => {
      const server = create();
      server.addPartial(Echo, {
        unary(_, context) {
          context.setHeaders({ h: "1" });
          throw new StatusError(StatusCode.NOT_FOUND, "no item", { trailers: { t: "1" } });
        },
      });
      const client = createClient(Echo, server.inProcess());
      await assert.rejects(turn(client.unary({})), (error: StatusError) => {
        assert.equal(error.code, StatusCode.NOT_FOUND);
        assert.equal(error.statusMessage, "no item");
        assert.equal(error.headers.get("h"), "1");
        assert.equal(error.trailers.get("t"), "1");
        assert.equal(error.peer?.address, "inproc:server");
        return true;
      });
      assert.deepEqual(errors, []);
    });

    it("R57 grpc-js CVE-2026-101915: keeps the text of other errors, and gives them to onError", async () => {
      const failure = new Error("password is hunter2");
      const server = create();
      server.addPartial(Echo, {
        unary: () => Promise.reject(failure),
        // biome-ignore lint/correctness/useYield: it fails before it could
        async *list() {
          throw failure;
        },
      });
      const client = createClient(Echo, server.inProcess());
      for (const call of [() => client.unary({}), () => collect(client.list({}))]) {
        await assert.rejects(turn<unknown>(call()), (error: StatusError) => {
          assert.equal(error.code, StatusCode.UNKNOWN);
          assert.equal(error.statusMessage, "Internal error");
          assert.equal(error.cause, undefined);
          assert.equal(error.peer?.address, "inproc:server");
          return true;
        });
      }
      assert.deepEqual(errors, [
        { error: failure, path: "/test.v1.Echo/Unary", peer: "inproc:server" },
        { error: failure, path: "/test.v1.Echo/List", peer: "inproc:server" },
      ]);
    });

    it("ignores what onError throws", async () => {
      const server = createServer({
        platform,
        onError: () => {
          throw new Error("second");
        },
      });
      server.addPartial(Echo, { unary: () => Promise.reject(new Error("first")) });
      const client = createClient(Echo, server.inProcess());
      await assert.rejects(turn(client.unary({})), (error: StatusError) => error.code === StatusCode.UNKNOWN);
    });

    it("names what it has when a method or service is unknown", async () => {
      const server = create();
      server.addPartial(Echo, { unary: handlers.unary });
      const client = createClient(Echo, server.inProcess());
      await assert.rejects(turn(client.upload([])), (error: StatusError) => {
        assert.equal(error.code, StatusCode.UNIMPLEMENTED);
        assert.match(error.statusMessage, /^method "Upload" of service test\.v1\.Echo is not implemented/);
        return true;
      });
    });

    it("stops the handler when the loop is left, within one turn", async () => {
      let isReturned = false;
      let made = 0;
      const server = create();
      server.addPartial(Echo, {
        async *list() {
          try {
            for (;;) yield { value: String(made++) };
          } finally {
            isReturned = true;
          }
        },
      });
      const client = createClient(Echo, server.inProcess());
      const reading = (async () => {
        for await (const message of client.list({})) if (message.value === "2") break;
      })();
      await turn(reading);
      await platform.settle();
      assert.equal(isReturned, true);
      platform.assertQuiet();
    });

    it("lets a fast generator run 16 messages ahead of a slow reader, and one that is held", async () => {
      let made = 0;
      const server = create();
      server.addPartial(Echo, {
        async *list() {
          for (;;) yield { value: String(made++) };
        },
      });
      const iterator = createClient(Echo, server.inProcess()).list({})[Symbol.asyncIterator]();
      await platform.settle();
      assert.equal(made, 17);
      for (let taken = 1; taken <= 100; taken++) {
        await turn(iterator.next());
        await platform.settle();
        assert.ok(made - taken <= 17, `${made} were made when ${taken} were taken`);
      }
      await iterator.return?.();
      await platform.settle();
    });

    it("holds a fast source to what a slow handler takes", async () => {
      let made = 0;
      function* source(): Generator<TextInit> {
        for (;;) yield { value: String(made++) };
      }
      let step = (): void => {};
      const server = create();
      server.addPartial(Echo, {
        async upload(requests) {
          for await (const _ of requests) await new Promise<void>((resolve) => (step = resolve));
          return {};
        },
      });
      const controller = new AbortController();
      const upload = createClient(Echo, server.inProcess()).upload(source(), { signal: controller.signal });
      await platform.settle();
      const before = made;
      assert.ok(before <= 34, `${before} were made`);
      await platform.settle();
      assert.equal(made, before);
      controller.abort();
      step();
      await assert.rejects(turn(upload), (error: StatusError) => error.code === StatusCode.CANCELLED);
    });

    it("aborts and times out on both sides", async () => {
      const reasons: unknown[] = [];
      const server = create();
      server.addPartial(Echo, {
        unary: (_, context) =>
          new Promise((_resolve, reject) => {
            context.signal.addEventListener("abort", () => {
              reasons.push(context.signal.reason);
              reject(context.signal.reason);
            });
          }),
      });
      const client = createClient(Echo, server.inProcess());
      const controller = new AbortController();
      const aborted = client.unary({}, { signal: controller.signal });
      await platform.settle();
      controller.abort();
      await assert.rejects(turn(aborted), (error: StatusError) => error.code === StatusCode.CANCELLED);
      const late = client.unary({}, { timeoutMs: 100 });
      late.catch(() => undefined);
      await platform.advanceAsync(100);
      await assert.rejects(late, (error: StatusError) => error.code === StatusCode.DEADLINE_EXCEEDED);
      await platform.settle();
      assert.deepEqual(
        reasons.map((reason) => (reason as StatusError).code),
        [StatusCode.CANCELLED, StatusCode.DEADLINE_EXCEEDED],
      );
      assert.deepEqual(errors, []);
      platform.assertQuiet();
    });

    it("carries a handler's deadline and cancellation on to the calls it makes", async () => {
      let innerTimeout = 0;
      let isInnerAborted = false;
      const inner = create();
      inner.addPartial(Echo, {
        unary: (_, context) => {
          innerTimeout = context.timeoutMs();
          return new Promise((_resolve, reject) => {
            context.signal.addEventListener("abort", () => {
              isInnerAborted = true;
              reject(context.signal.reason);
            });
          });
        },
      });
      const onward = createClient(Echo, inner.inProcess());
      const outer = create();
      outer.addPartial(Echo, { unary: (request, context) => onward.unary(request, { context }) });
      const controller = new AbortController();
      const call = createClient(Echo, outer.inProcess()).unary({}, { timeoutMs: 700, signal: controller.signal });
      await platform.settle();
      assert.equal(innerTimeout, 700);
      controller.abort();
      await assert.rejects(turn(call), StatusError);
      await platform.settle();
      assert.equal(isInnerAborted, true);
      assert.deepEqual(errors, []);
      platform.assertQuiet();
    });
  });

  describe("interceptors", () => {
    it("run on both sides, around unary calls and streams alike", async () => {
      const order: string[] = [];
      const layer =
        (name: string): Interceptor =>
        (next) =>
        async (call) => {
          call.onMessage((message, direction) => order.push(`${name} ${direction} ${(message as Text).value}`));
          const status = await next(call);
          order.push(`${name} ${status.code}`);
          return status;
        };
      const server = create([layer("server")]).add(Echo, handlers);
      const client = createClient(Echo, composeInterceptors([layer("client")], server.inProcess()));
      assert.equal((await turn(client.unary({ value: "a" }))).value, "a!");
      const unary = ["client request a", "server request a", "server response a!", "server 0", "client response a!"];
      assert.deepEqual(order.splice(0).sort(), [...unary, "client 0"].sort());
      assert.deepEqual(await turn(collect(client.chat([{ value: "x" }]))), ["x"]);
      const chat = ["client request x", "server request x", "server response x", "server 0", "client response x"];
      assert.deepEqual(order.sort(), [...chat, "client 0"].sort());
    });

    it("refuse a call before its handler, and answer without one", async () => {
      const guard: Interceptor = (next) => async (call) => {
        if (call.metadata.get("token") !== "t") throw new StatusError(StatusCode.UNAUTHENTICATED, "no token");
        if (call.metadata.has("cached")) {
          call.respond({ value: "cached" });
          return { code: StatusCode.OK, message: "" };
        }
        return next(call);
      };
      const client = createClient(Echo, create([guard]).add(Echo, handlers).inProcess());
      await assert.rejects(turn(client.unary({})), (error: StatusError) => error.code === StatusCode.UNAUTHENTICATED);
      assert.equal((await turn(client.unary({}, { metadata: { token: "t" } }))).value, "!");
      assert.equal((await turn(client.unary({}, { metadata: { token: "t", cached: "1" } }))).value, "cached");
    });

    it("that fail on the server keep their text and are reported", async () => {
      const failure = new Error("secret");
      const client = createClient(
        Echo,
        create([() => () => Promise.reject(failure)])
          .add(Echo, handlers)
          .inProcess(),
      );
      await assert.rejects(turn(client.unary({})), (error: StatusError) => error.statusMessage === "Internal error");
      assert.deepEqual(errors, [{ error: failure, path: "/test.v1.Echo/Unary", peer: "inproc:server" }]);
    });
  });

  describe("listen", () => {
    async function accept(port: number): Promise<ByteStream> {
      const opened = new Promise<ByteStream>((resolve, reject) => {
        platform.connect(
          { transport: "tcp", host: "127.0.0.1", port },
          { kind: "none" },
          {
            onConnect: (stream) => {
              resolve(stream);
              return silent;
            },
            onError: reject,
          },
        );
      });
      return turn(opened);
    }

    it("says where it listens", async () => {
      const server = create();
      const { port, address } = await server.listen("127.0.0.1:0");
      assert.ok(port > 0);
      assert.equal(address, `127.0.0.1:${port}`);
      assert.deepEqual(await server.listen("unix:/run/shop.sock"), { port: 0, address: "unix:/run/shop.sock" });
      assert.deepEqual(await server.listen("inproc:listen"), { port: 0, address: "inproc:listen" });
      await turn(server.close());
    });

    it("is plaintext on a network only when told so", async () => {
      const server = create();
      for (const address of ["0.0.0.0:0", ":0", "[::]:0", "shop.internal:0"]) {
        await assert.rejects(server.listen(address), (error: Error) => {
          assert.equal(
            error.message,
            `cannot listen on ${address} without credentials: other machines can reach it; give { credentials: tlsServer({ … }) }, or insecureServer() if plaintext is meant`,
          );
          return true;
        });
      }
      const { port } = await server.listen("0.0.0.0:0", { credentials: insecureServer() });
      assert.ok(port > 0);
      await turn(server.close());
    });

    it("rejects with one sentence what is malformed or taken", async () => {
      const server = create();
      await assert.rejects(server.listen("nowhere"), /^TypeError: cannot listen on "nowhere": expected host:port/);
      await server.listen("127.0.0.1:7");
      await assert.rejects(server.listen("127.0.0.1:7"), /in use/);
      await server.listen("inproc:taken");
      await assert.rejects(server.listen("inproc:taken"), /another server of this process does$/);
      await turn(server.close());
      assert.equal(findInProcessServer("taken"), undefined);
    });

    it("serves calls by name within the process", async () => {
      const server = create().add(Echo, handlers);
      await server.listen("inproc:by-name");
      const door = findInProcessServer("by-name");
      assert.ok(door);
      assert.equal((await turn(createClient(Echo, door).unary({ value: "a" }))).value, "a!");
      await turn(server.close());
    });

    it("makes a transport of each connection", async () => {
      const server = create();
      const { port } = await server.listen("127.0.0.1:0");
      await accept(port);
      await accept(port);
      assert.equal(transports.length, 2);
      assert.deepEqual(
        server.connections().map(({ peer }) => peer.address),
        ["ipv4:127.0.0.1:1", "ipv4:127.0.0.1:1"],
      );
      transports[0]?.listener.onClosed("the client left", undefined);
      assert.equal(server.connections().length, 1);
      await turn(server.close({ graceMs: 0 }));
      assert.deepEqual(transports[0]?.asked, []);
      assert.deepEqual(transports[1]?.asked, ["drain", "close"]);
    });

    it("tells of connections that did not end well, whatever the listener does", async () => {
      const heard: string[] = [];
      const server = create([], {
        onConnectionError: (error, peer) => {
          heard.push(`${error.message} from ${peer?.security}`);
          throw new Error("a listener's bug");
        },
      });
      const { port } = await server.listen("127.0.0.1:0");
      await accept(port);
      await accept(port);
      transports[0]?.listener.onClosed("bad preface", new Error("bad preface"));
      transports[1]?.listener.onClosed("the client left", undefined);
      assert.deepEqual(heard, ["bad preface from none"]);
      await turn(server.close({ graceMs: 0 }));
    });

    it("refuses connections above maxConnections, says so, and takes others when there is room again", async () => {
      const heard: string[] = [];
      const server = create([], {
        maxConnections: 2,
        onConnectionError: (error, peer) => heard.push(`${error.message} from ${peer?.address.split(":")[0]}`),
      });
      const { port } = await server.listen("127.0.0.1:0");
      await accept(port);
      await accept(port);
      await accept(port);
      assert.equal(transports.length, 2);
      assert.deepEqual(
        platform.links.map(({ server: { isClosed } }) => isClosed),
        [false, false, true],
      );
      assert.deepEqual(heard, ["the server has 2 open connections, limit 2 (maxConnections) from ipv4"]);
      transports[0]?.listener.onClosed("the client left", undefined);
      await accept(port);
      assert.equal(transports.length, 3);
      await turn(server.close({ graceMs: 0 }));
    });

    it("closes gently: drains, waits for the end of every connection", async () => {
      const server = create();
      const { port } = await server.listen("127.0.0.1:0");
      await accept(port);
      let isClosed = false;
      const closing = server.close().then(() => {
        isClosed = true;
      });
      await platform.advanceAsync(9_999);
      assert.deepEqual(transports[0]?.asked, ["drain"]);
      assert.equal(isClosed, false);
      await assert.rejects(accept(port));
      await assert.rejects(
        server.listen("127.0.0.1:0"),
        /^Error: cannot listen on 127\.0\.0\.1:0: the server is closed$/,
      );
      transports[0]?.listener.onClosed("drained", undefined);
      await turn(closing);
      assert.deepEqual(transports[0]?.asked, ["drain"]);
      assert.equal(platform.timers, 0);
    });

    it("closes by force when the grace is over", async () => {
      const server = create();
      const { port } = await server.listen("127.0.0.1:0");
      await accept(port);
      const closing = server.close({ graceMs: 500 });
      await platform.advanceAsync(499);
      assert.deepEqual(transports[0]?.asked, ["drain"]);
      await platform.advanceAsync(1);
      assert.deepEqual(transports[0]?.asked, ["drain", "close"]);
      await turn(closing);
    });

    it("closes once; a second close may shorten the grace and not lengthen it", async () => {
      const server = create();
      const { port } = await server.listen("127.0.0.1:0");
      await accept(port);
      const first = server.close({ graceMs: Number.POSITIVE_INFINITY });
      assert.equal(platform.timers, 0);
      const second = server.close({ graceMs: 100 });
      void server.close({ graceMs: 1000 });
      await platform.advanceAsync(100);
      await turn(Promise.all([first, second]));
      assert.deepEqual(transports[0]?.asked, ["drain", "close"]);
      await turn(server.close());
    });

    it("drains a connection that was on its way in when the server was closed", async () => {
      let onAccept: ((stream: ByteStream) => ByteStreamSink) | undefined;
      const listen = platform.listen.bind(platform);
      platform.listen = (address, security, callbacks) => {
        onAccept = callbacks.onAccept;
        return listen(address, security, callbacks);
      };
      const server = create();
      const { port } = await server.listen("127.0.0.1:0");
      const stream = await accept(port);
      const closing = server.close();
      assert.equal(onAccept?.(stream), silent);
      assert.deepEqual(transports[1]?.asked, ["drain"]);
      transports[0]?.listener.onClosed("drained", undefined);
      transports[1]?.listener.onClosed("drained", undefined);
      await turn(closing);
    });

    it("closes it at once when the grace was over before", async () => {
      let onAccept: ((stream: ByteStream) => ByteStreamSink) | undefined;
      const listen = platform.listen.bind(platform);
      platform.listen = (address, security, callbacks) => {
        onAccept = callbacks.onAccept;
        return listen(address, security, callbacks);
      };
      const server = create();
      const { port } = await server.listen("127.0.0.1:0");
      const stream = await accept(port);
      const closing = server.close({ graceMs: 0 });
      onAccept?.(stream);
      assert.deepEqual(transports[1]?.asked, ["drain", "close"]);
      for (const { listener } of transports) listener.onClosed("the server is closed", undefined);
      await turn(closing);
    });

    it("gives handshakes two seconds when it is closed, and none by force", async () => {
      const graces: (number | undefined)[] = [];
      const listen = platform.listen.bind(platform);
      platform.listen = async (...args) => {
        const listener = await listen(...args);
        const close = (graceMs?: number): Promise<void> => {
          graces.push(graceMs);
          return graceMs === 0 ? listener.close() : new Promise(() => undefined);
        };
        return { address: listener.address, handshakes: 1, close };
      };
      const server = create();
      await server.listen("127.0.0.1:0");
      const closing = server.close({ graceMs: 100 });
      assert.deepEqual(graces, [2000]);
      await platform.advanceAsync(100);
      assert.deepEqual(graces, [2000, 0]);
      void closing;
    });

    it("gives the address back when it is closed while it binds", async () => {
      const server = create();
      const listening = server.listen("127.0.0.1:7");
      const closing = server.close();
      await assert.rejects(
        turn(listening),
        /^Error: cannot listen on 127\.0\.0\.1:7: the server was closed meanwhile$/,
      );
      await turn(closing);
      const other = create();
      assert.equal((await other.listen("127.0.0.1:7")).port, 7);
      await turn(other.close());
    });

    it("listens on every IPv4 address where there is no IPv6", async () => {
      const tried: string[] = [];
      const listen = platform.listen.bind(platform);
      platform.listen = async (address, security, callbacks) => {
        tried.push(address.transport === "tcp" ? address.host : address.transport);
        if (tried.length === 1) throw new Error("cannot listen on [::]:0: no IPv6 here");
        return listen(address, security, callbacks);
      };
      const server = create();
      const { address } = await server.listen(":0", { credentials: insecureServer() });
      assert.deepEqual(tried, ["::", "0.0.0.0"]);
      assert.match(address, /^0\.0\.0\.0:\d+$/);
      await turn(server.close());
    });

    it("is disposed of by await using", async () => {
      let server: Server | undefined;
      await turn(
        (async () => {
          await using scoped = create();
          server = scoped;
          await scoped.listen("127.0.0.1:0");
        })(),
      );
      await assert.rejects((server as Server).listen("127.0.0.1:0"), /the server is closed$/);
    });
  });

  describe("close, in process", () => {
    function waiting(): { server: Server; call: Promise<Text>; release: () => void } {
      let release = (): void => {};
      const server = create();
      server.addPartial(Echo, {
        unary: async (request) => {
          await new Promise<void>((resolve) => (release = resolve));
          return request;
        },
      });
      const call = createClient(Echo, server.inProcess()).unary({ value: "a" });
      call.catch(() => undefined);
      return { server, call, release: () => release() };
    }

    it("lets running calls end and takes no new ones", async () => {
      const { server, call, release } = waiting();
      await platform.settle();
      const closing = server.close();
      await assert.rejects(turn(createClient(Echo, server.inProcess()).unary({})), (error: StatusError) => {
        assert.equal(error.code, StatusCode.UNAVAILABLE);
        assert.equal(error.statusMessage, "the server is shutting down");
        return true;
      });
      release();
      assert.equal((await turn(call)).value, "a");
      await turn(closing);
      platform.assertQuiet();
    });

    it("ends running calls with UNAVAILABLE when the grace is over", async () => {
      const { server, call } = waiting();
      await platform.settle();
      const closing = server.close({ graceMs: Number.NaN });
      await assert.rejects(turn(call), (error: StatusError) => {
        assert.equal(error.code, StatusCode.UNAVAILABLE);
        assert.equal(error.statusMessage, "the server was closed");
        return true;
      });
      await turn(closing);
      platform.assertQuiet();
    });

    it("opens no door of a server that is closed", async () => {
      const server = create().add(Echo, handlers);
      await turn(server.close());
      await assert.rejects(
        turn(createClient(Echo, server.inProcess()).unary({})),
        (error: StatusError) => error.code === StatusCode.UNAVAILABLE,
      );
    });
  });

  it("refuses options that are none", () => {
    for (const maxConcurrentCalls of [-1, Number.NaN, "7" as never]) {
      assert.throws(
        () => createServer({ platform, maxConcurrentCalls }),
        new TypeError(`maxConcurrentCalls is ${maxConcurrentCalls}: expected a number of 0 or more`),
      );
      assert.throws(
        () => createServer({ platform, maxConnections: maxConcurrentCalls }),
        new TypeError(`maxConnections is ${maxConcurrentCalls}: expected a number of 0 or more`),
      );
    }
    assert.throws(
      () => createServer({ platform, compression: "br" }),
      /^TypeError: compression is "br": expected identity or gzip/,
    );
    assert.ok(createServer({ platform, compression: "identity" }));
    assert.throws(
      () => createServer({ platform, maxConnection: 1 } as never),
      /^TypeError: options\.maxConnection does not exist; there are: interceptors, limits, /,
    );
    assert.throws(() => createServer(7 as never), new TypeError("options are 7: expected an object"));
    assert.throws(
      () => createServer({ platform, propagateContext: "yes" as never }),
      new TypeError("propagateContext is yes: expected true or false"),
    );
    assert.throws(() => createServer({ platform, limits: { nonsense: 1 } as never }), /^TypeError: limit "nonsense"/);
  });

  it("writes errors to the console when nobody else listens", async () => {
    const written: unknown[][] = [];
    const original = console.error;
    console.error = (...args: unknown[]) => written.push(args);
    try {
      const failure = new Error("secret");
      const server = createServer({ platform });
      server.addPartial(Echo, { unary: () => Promise.reject(failure) });
      await assert.rejects(turn(createClient(Echo, server.inProcess()).unary({})), StatusError);
      assert.deepEqual(written, [["godwit: /test.v1.Echo/Unary failed, called by inproc:server:", failure]]);
    } finally {
      console.error = original;
    }
  });
});
