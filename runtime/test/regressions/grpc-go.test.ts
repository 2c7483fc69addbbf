import assert from "node:assert/strict";
import { ErrorCode } from "../../src/http2/error-code.js";
import type { RawInterceptor } from "../../src/rpc/interceptor.js";
import { Metadata } from "../../src/rpc/metadata.js";
import { OK } from "../../src/rpc/status.js";
import { StatusCode, statusCodeName } from "../../src/rpc/status-code.js";
import { ChannelFixture } from "../channel/channel-fixture.js";
import { bytesOf, frames, frameType, settingId } from "../support/frames.js";
import { retainedHeapBytes } from "../support/retained-heap.js";
import { ClientFixture, outcome } from "../transport/client-fixture.js";
import { request, ServerFixture } from "../transport/server-fixture.js";
import { textMethod } from "../transport/text-method.js";

describe("Regressions: grpc-go", () => {
  it("R11 grpc-go CVE-2026-84304: a byte of DATA that waits does not keep the chunk alive that brought it", () => {
    const fixture = new ServerFixture({ limits: { maxUnreadBytes: 0 } });
    fixture.client.send(request(1));
    fixture.handlers.call.writable = false;
    // Two messages: one that the handler takes, one that waits.
    fixture.client.send(frames.data(1, Buffer.of(0, 0, 0, 0, 0, 0, 1, 0, 0, 0)));
    const filler = frames.raw(0x42, 0, 0, Buffer.alloc(16_384));
    const before = retainedHeapBytes();
    const count = 1000;
    for (let i = 0; i < count; i++) fixture.client.send(frames.data(1, 1), filler, filler, filler);
    const grown = retainedHeapBytes() - before;
    assert.ok(grown < 500_000, `${grown} bytes are kept for ${count} bytes in chunks of 48 KiB`);
  });

  it("R12 grpc-go CVE-2026-84445: a request with neither :authority nor host is answered, and crashes nothing", () => {
    const fixture = new ServerFixture();
    const common = ["te", "trailers", "content-type", "application/grpc"];
    const start = [":method", "POST", ":scheme", "http", ":path", textMethod.path];
    fixture.client.send(
      frames.headers(1).fields(...start, ...common),
      frames.headers(3).fields(...start, ...common, "host", "a", "host", "b"),
      frames.headers(5).fields(...start, ...common, "host", "only.host"),
      frames.headers(7).fields(...start, ":authority", "both", ...common, "host", "dropped"),
    );
    const refusals = fixture.client.sentOfCalls().filter((frame) => frame.startsWith("HEADERS"));
    assert.equal(refusals.length, 2);
    for (const refusal of refusals) assert.match(refusal, /:status: 400, .*grpc-status: 13, .*gRFC A41/);
    const { calls } = fixture.handlers;
    assert.deepEqual(
      calls.map(({ headers }) => headers.authority),
      ["only.host", "both"],
    );
    assert.ok(calls.every(({ headers }) => headers.metadata.size === 0));
    assert.deepEqual(fixture.closed, []);
  });

  it("R14 grpc-go #9191: a call that fails before it has begun is not told twice that it has ended", () => {
    const ends: string[] = [];
    const watch: RawInterceptor = (next) => ({
      invoke: (headers, options, sink) =>
        next.invoke(headers, options, {
          onHeaders: (metadata, peer) => sink.onHeaders(metadata, peer),
          onMessage: (message) => sink.onMessage(message),
          onWritable: () => sink.onWritable(),
          onStatus: (status) => {
            ends.push(statusCodeName(status.code));
            sink.onStatus(status);
          },
        }),
    });
    const early: [string, (fixture: ChannelFixture) => void][] = [
      ["the deadline passes", (f) => f.platform.advance(10)],
      [
        "no address",
        (f) => f.resolver.tell({ endpoints: { status: { code: StatusCode.UNAVAILABLE, message: "no such name" } } }),
      ],
      ["a connection that is refused", (f) => f.resolver.tellHosts("10.0.0.1") && f.connector.last.refuse()],
      [
        "no place on the connection",
        (f) => {
          f.ready(0);
          f.platform.advance(10);
        },
      ],
      ["close", (f) => void f.channel.close({ graceMs: 0 })],
    ];
    for (const [what, fail] of early) {
      ends.length = 0;
      const f = new ChannelFixture({ interceptors: [{ raw: watch }] });
      const call = f.call({ timeoutMs: 10 });
      fail(f);
      const first = call.outcome;
      call.stream?.cancel({ code: StatusCode.CANCELLED, message: "late" });
      f.platform.advance(100);
      assert.equal(call.outcome, first, what);
      assert.ok(ends.length <= 1, `${what}: ${ends.join()}`);
      assert.equal(f.channel.describe().runningCalls, 0, what);
    }
  });

  it("R15 grpc-go #9217: an answer that is not gRPC and ends without trailers does not hide what its HTTP status says", () => {
    const page = frames.data(1, "<h1>401 Authorization Required</h1>");
    for (const parts of [
      [frames.headers(1).response(401, "content-type", "text/html"), page.endStream()],
      [frames.headers(1).response(401, "content-type", "text/html"), page, frames.data(1, 0).endStream()],
      [frames.headers(1).response(401, "content-type", "text/html").endStream()],
    ]) {
      for (const together of [true, false]) {
        const fixture = new ClientFixture();
        const call = fixture.openCall();
        call.stream.pull(1);
        if (together) fixture.server.send(bytesOf(...parts));
        else for (const part of parts) fixture.server.send(part);
        assert.match(
          outcome(call) ?? "",
          /^UNAUTHENTICATED: server answered HTTP status 401 \(Unauthorized\) with content-type "text\/html"/,
        );
        assert.equal(fixture.transport.streamSlots(), Number.POSITIVE_INFINITY);
      }
    }
  });

  it("R16 grpc-go, closed before onWrite: a call that is over before its headers have left gives its place back", () => {
    const fixture = new ClientFixture({ settings: [settingId.MAX_CONCURRENT_STREAMS, 2] });
    for (let round = 0; round < 50; round++) {
      const calls = [fixture.call(), fixture.call()];
      assert.equal(fixture.transport.streamSlots(), 0);
      for (const { stream } of calls) stream.cancel({ code: StatusCode.CANCELLED, message: "at once" });
      assert.equal(fixture.transport.streamSlots(), 2, "at once, and once");
      const ids = [4 * round + 1, 4 * round + 3];
      const sent = fixture.server.take().map(({ type, streamId }) => [type, streamId]);
      assert.deepEqual(sent, [
        ...ids.map((id) => [frameType.HEADERS, id]),
        ...ids.map((id) => [frameType.RST_STREAM, id]),
      ]);
    }
    assert.equal(fixture.link.client.held, false, "nothing of them holds the process");
    const server = new ServerFixture({ limits: { maxConcurrentStreams: 1 } });
    for (let id = 1; id < 100; id += 2) {
      server.handlers.onInvoke = ({ sink }) => {
        sink.onHeaders(new Metadata());
        sink.onStatus(OK);
      };
      // The client resets the call in the very turn in which its answer was commanded and not yet written.
      server.client.send(request(id));
      server.client.send(frames.rst(id, ErrorCode.CANCEL));
      assert.equal(server.transport.activeCalls, 0);
    }
    assert.equal(server.handlers.calls.length, 50, "each found the one place free");
    assert.deepEqual(server.closed, []);
  });
});
