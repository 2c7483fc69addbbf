/** Where the time of a failed call went, as its status has it. */
import assert from "node:assert/strict";
import { noTimings } from "../../../src/rpc/call-timings.js";
import { StatusCode } from "../../../src/rpc/status-code.js";
import { ChannelFixture } from "../channel-fixture.js";

describe("the timings of a failed call", () => {
  it("are split by what it waited for, and its sentence says so", () => {
    const f = new ChannelFixture();
    const first = f.call();
    const call = f.call({ timeoutMs: 1000 });
    f.platform.advance(20);
    f.resolver.tellHosts("10.0.0.1");
    f.platform.advance(30);
    const transport = f.connector.last.succeed(1);
    f.platform.advance(400);
    transport.calls[0]?.answer();
    transport.freeSlots();
    call.stream?.send("a", true);
    f.platform.advance(550);
    assert.equal(first.outcome, "OK");
    assert.equal(
      call.outcome,
      "DEADLINE_EXCEEDED: deadline of 1000 ms ran out while waiting for the server's answer (sent 1 message, received 0); 20 ms resolving, 30 ms connecting, 400 ms queued for a stream slot, 550 ms waiting for the answer",
    );
    assert.deepEqual(call.status?.timings, {
      totalMs: 1000,
      resolvingMs: 20,
      connectingMs: 30,
      queuedMs: 400,
      credentialsMs: 0,
      backoffMs: 0,
      answerMs: 550,
      blockedMs: 0,
    });
    assert.equal(call.status?.attempts, 1);
  });

  it("say that the name was being resolved", () => {
    const f = new ChannelFixture();
    const call = f.call({ timeoutMs: 500 });
    f.platform.advance(500);
    assert.equal(call.outcome, 'DEADLINE_EXCEEDED: deadline of 500 ms ran out while resolving "shop"');
    assert.deepEqual(call.status?.timings, { ...noTimings, totalMs: 500, resolvingMs: 500 });
    assert.equal(call.status?.attempts, 0);
  });

  it("say for how long there was no connection, with what happened at each address", () => {
    const f = new ChannelFixture();
    const call = f.call({ timeoutMs: 1000 });
    f.platform.advance(100);
    f.resolver.tellHosts("10.0.0.1", "10.0.0.2");
    f.connector.last.refuse();
    f.platform.advance(900);
    assert.equal(
      call.outcome,
      'DEADLINE_EXCEEDED: deadline of 1000 ms ran out while waiting for a connection to "shop" (connecting to 10.0.0.2:1; connect to 10.0.0.1:1 was refused (ECONNREFUSED)); 100 ms resolving, 900 ms connecting',
    );
  });

  it("go with UNAVAILABLE, too", () => {
    const f = new ChannelFixture();
    const call = f.call();
    f.platform.advance(20);
    f.resolver.tellHosts("10.0.0.1");
    f.platform.advance(300);
    f.connector.last.refuse();
    assert.equal(
      call.outcome,
      'UNAVAILABLE: no connection to "shop": connect to 10.0.0.1:1 was refused (ECONNREFUSED); 20 ms resolving, 300 ms connecting',
    );
    assert.deepEqual(call.status?.timings, { ...noTimings, totalMs: 320, resolvingMs: 20, connectingMs: 300 });
    assert.equal(call.status?.attempts, 0);
  });

  it("count the attempts that came back unsent", () => {
    const f = new ChannelFixture();
    const transport = f.ready();
    const call = f.call({ timeoutMs: 1000 });
    transport.calls[0]?.endUnsent();
    transport.lose();
    f.platform.advance(200);
    f.connector.last.succeed();
    f.platform.advance(800);
    assert.match(call.outcome, /; 200 ms connecting, 800 ms waiting for the answer$/);
    assert.equal(call.status?.attempts, 2);
  });

  it("R117 grpc-js #2829: say that the event loop was blocked, and how late the deadline was noticed", () => {
    const f = new ChannelFixture();
    f.ready();
    const call = f.call({ timeoutMs: 500 });
    call.stream?.send("a", true);
    f.platform.block(2000);
    f.platform.advance(0);
    assert.equal(
      call.outcome,
      "DEADLINE_EXCEEDED: deadline of 500 ms ran out while waiting for the server's answer (sent 1 message, received 0); the event loop was blocked, so that it ended 1500 ms late",
    );
    assert.equal(call.status?.timings?.blockedMs, 1500);
  });

  it("leave a server's own words as they are", () => {
    const f = new ChannelFixture();
    const call = f.call();
    f.platform.advance(50);
    f.resolver.tellHosts("10.0.0.1");
    const transport = f.connector.last.succeed();
    f.platform.advance(100);
    transport.calls[0]?.end({ code: StatusCode.UNAVAILABLE, message: "come back later", delivery: "processed" });
    assert.equal(call.outcome, "UNAVAILABLE: come back later");
    assert.deepEqual(call.status?.timings, { ...noTimings, totalMs: 150, resolvingMs: 50, answerMs: 100 });
    assert.equal(call.status?.attempts, 1);
  });

  it("are not there for a call that went well", () => {
    const f = new ChannelFixture();
    const transport = f.ready();
    const call = f.call();
    transport.calls[0]?.answer("a");
    assert.deepEqual([call.status?.timings, call.status?.attempts], [undefined, undefined]);
  });
});
