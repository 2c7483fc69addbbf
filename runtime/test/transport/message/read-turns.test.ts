/** What one connection may do in one turn of the event loop, and with the memory and the handlers that it takes. */
import assert from "node:assert/strict";
import type { Status } from "../../../src/rpc/status.js";
import { StatusCode } from "../../../src/rpc/status-code.js";
import { bytesOf, frames } from "../../support/frames.js";
import { open, request, ServerFixture, sent } from "../server-fixture.js";
import { framed } from "../text-method.js";

const ok: Status = { code: StatusCode.OK, message: "" };
const idOf = (i: number) => 2 * i + 1;
const emptyMessage = Buffer.alloc(5);

function callsOf(count: number): Buffer {
  return Buffer.concat(
    Array.from({ length: count }, (_, i) => bytesOf(request(idOf(i)), frames.data(idOf(i), framed("q")).endStream())),
  );
}

describe("a server's connection, turn by turn", () => {
  it("opens 32 calls in a turn, and reads on in the next (A1)", () => {
    const fixture = new ServerFixture();
    fixture.client.sendNow(callsOf(100));
    const counts: number[] = [];
    for (let turn = 0; turn < 8; turn++) {
      fixture.platform.runTurn();
      counts.push(fixture.handlers.calls.length);
    }
    assert.deepEqual(
      [...new Set(counts)].filter((count) => count > 0),
      [32, 64, 96, 100],
    );
  });

  it("a call that is reset in the same batch never reaches its handler", () => {
    const fixture = new ServerFixture();
    fixture.client.send(request(1), frames.rst(1, 8), request(3));
    assert.equal(fixture.handlers.calls.length, 1);
  });

  it("gives out 256 messages in a turn, however small they are", () => {
    const { fixture, call } = open();
    call.sink.onWritable();
    fixture.client.sendNow(frames.data(1, Buffer.concat(Array.from({ length: 1000 }, () => emptyMessage))));
    const counts: number[] = [];
    for (let turn = 0; turn < 10; turn++) {
      fixture.platform.runTurn();
      counts.push(call.sent.length);
    }
    assert.deepEqual(
      [...new Set(counts)].filter((count) => count > 0),
      [256, 512, 768, 1000],
    );
  });

  it("tells the end of a request behind the last of its messages", () => {
    const { fixture, call } = open({ limits: { maxMessagesPerTurn: 2 } });
    fixture.client.send(
      frames.data(1, Buffer.concat([framed("a"), framed("b"), framed("c"), framed("d")])).endStream(),
    );
    assert.deepEqual(sent(call), ["a", "b", "c", "d"]);
    assert.ok(call.finished);
  });

  it("keeps a slot taken until the handler has ended (CVE-2023-44487)", () => {
    const fixture = new ServerFixture({ limits: { maxConcurrentStreams: 2 } });
    fixture.client.send(request(1), request(3));
    const [first, second] = fixture.handlers.calls;
    for (const call of [first, second]) call?.headers.slot?.onHandlerStart();
    fixture.client.send(frames.rst(1, 8), frames.rst(3, 8));
    fixture.client.send(request(5), frames.data(5, framed("early")).endStream(), request(7));
    assert.equal(fixture.handlers.calls.length, 2, "both handlers still run");
    first?.headers.slot?.onHandlerEnd();
    fixture.platform.runTurns();
    assert.equal(fixture.handlers.calls.length, 3);
    assert.deepEqual(fixture.handlers.calls[2] && sent(fixture.handlers.calls[2]), ["early"]);
    fixture.client.send(frames.rst(7, 8));
    second?.headers.slot?.onHandlerEnd();
    second?.headers.slot?.onHandlerEnd();
    fixture.platform.runTurns();
    assert.equal(fixture.handlers.calls.length, 3, "the one that waited was reset");
    fixture.client.send(request(9), request(11));
    assert.equal(fixture.handlers.calls.length, 4, "one slot is free, and one taken");
  });

  it("gives a slot back once, also when a cancelled handler ends at once (Haskell's http2 gave it twice)", () => {
    const fixture = new ServerFixture({ limits: { maxConcurrentStreams: 2 } });
    fixture.client.send(request(1), request(3));
    const [first, second] = fixture.handlers.calls;
    for (const call of [first, second]) call?.headers.slot?.onHandlerStart();
    if (first !== undefined) first.cancel = () => first.headers.slot?.onHandlerEnd();
    fixture.client.send(frames.rst(1, 8), frames.rst(3, 8));
    fixture.client.send(request(5), request(7));
    assert.equal(fixture.handlers.calls.length, 3, "one handler still runs");
    second?.headers.slot?.onHandlerEnd();
    fixture.platform.runTurns();
    assert.equal(fixture.handlers.calls.length, 4);
  });

  it("counts a deadline from when its call came, however long it waits for a slot", () => {
    const fixture = new ServerFixture({ limits: { maxConcurrentStreams: 1 } });
    fixture.client.send(request(1));
    const [first] = fixture.handlers.calls;
    first?.headers.slot?.onHandlerStart();
    fixture.client.send(frames.rst(1, 8), request(3, "grpc-timeout", "100m"));
    const came = fixture.platform.now();
    fixture.platform.advance(60);
    first?.headers.slot?.onHandlerEnd();
    fixture.platform.runTurns();
    assert.equal(fixture.handlers.calls[1]?.headers.deadline, came + 100);
  });

  it("gives windows back above maxIncompleteBytes to the stream that waited longest alone", () => {
    const limits = { maxIncompleteBytes: 40_000, streamWindowBytes: 65_535, connectionWindowBytes: 1 << 20 };
    const { fixture } = open({ limits });
    fixture.client.send(request(3), request(5));
    const large = Buffer.alloc(200_005);
    large.writeUInt32BE(200_000, 1);
    const part = (id: number, from: number, to: number) => frames.data(id, large.subarray(from, to));
    for (const id of [1, 3, 5])
      fixture.client.send(part(id, 0, 16_000), part(id, 16_000, 32_000), part(id, 32_000, 48_000));
    const windows = fixture.client.windows();
    assert.deepEqual(
      Object.keys(windows).filter((id) => id !== "0"),
      ["1"],
    );
    fixture.client.send(frames.rst(1, 8));
    assert.ok((fixture.client.windows()[3] ?? 0) > 0, "then to the next");
    call(fixture, 2).sink.onStatus(ok);
    fixture.client.send(frames.rst(3, 8));
    fixture.platform.runTurns();
    assert.equal(fixture.transport.activeCalls, 0);
  });

  it("forgets a message that its stream's end cut off, however it ends", () => {
    const part = framed("a message in part").subarray(0, 10);
    for (const end of [frames.data(1).endStream(), frames.rst(1, 8)]) {
      const { fixture } = open();
      fixture.client.send(frames.data(1, part));
      assert.ok(fixture.transport.report().incompleteBytes > 0);
      fixture.client.send(end);
      assert.deepEqual([fixture.transport.activeCalls, fixture.transport.report().incompleteBytes], [0, 0]);
    }
  });
});

function call(fixture: ServerFixture, index: number) {
  const found = fixture.handlers.calls[index];
  assert.ok(found !== undefined);
  return found;
}

describe("a server's connection, reported", () => {
  it("says what it holds and what its peer has done", () => {
    const fixture = new ServerFixture({ limits: { maxConcurrentStreams: 1 } });
    fixture.client.send(request(1), frames.data(1, framed("a message in part").subarray(0, 10)));
    call(fixture, 0).headers.slot?.onHandlerStart();
    const running = fixture.transport.report();
    assert.deepEqual([running.activeCalls, running.waitingCalls, running.counters.streamsOpened], [1, 0, 1]);
    assert.ok(running.incompleteBytes > 0 && running.retainedHeaderBytes > 0);
    fixture.client.send(frames.rst(1, 8), request(3), frames.ping());
    const waiting = fixture.transport.report();
    assert.deepEqual([waiting.activeCalls, waiting.waitingCalls, waiting.counters.pings], [1, 1, 1]);
    assert.deepEqual([waiting.incompleteBytes, waiting.unreadBytes], [0, 0]);
    assert.deepEqual(waiting.receiveWindow, { available: 4 * 1024 * 1024 - 10, held: 0, owed: 10 });
    assert.equal(running.counters.streamsOpened, 1, "a report does not change any more");
  });
});
