import assert from "node:assert/strict";
import { CallInfo } from "../../../src/rpc/call-info.js";
import { noTimings } from "../../../src/rpc/call-timings.js";
import { StatusCode } from "../../../src/rpc/status-code.js";
import { StatusError } from "../../../src/rpc/status-error.js";
import { VirtualPair } from "../virtual-pair.js";
import { RetryWorld, reset, unavailable } from "./attempts/retry-world.js";

describe("the way of a call that is to be told in a CallInfo", () => {
  it("is told of a success as of a failure", async () => {
    let fails = 2;
    const pair = await VirtualPair.open({
      async unary({ id }) {
        if (fails-- > 0) throw new StatusError(StatusCode.UNAVAILABLE, "not yet");
        return { id };
      },
    });
    const info = new CallInfo();
    assert.deepEqual([info.attempts, info.timings, info.delivery, info.history], [undefined, undefined, undefined, []]);
    const call = pair.echo.unary({ id: "a" }, { info, retry: {} });
    await pair.platform.advanceAsync(2000);
    await call;
    assert.deepEqual([info.attempts, info.delivery], [3, "processed"]);
    assert.deepEqual(
      info.history.map(({ code, message }) => [code, message]),
      [
        [StatusCode.UNAVAILABLE, "not yet"],
        [StatusCode.UNAVAILABLE, "not yet"],
      ],
    );
    const { totalMs = 0, backoffMs = 0 } = info.timings ?? {};
    assert.ok(backoffMs >= 120 && backoffMs <= totalMs, JSON.stringify(info.timings));
    assert.ok((info.history[0]?.endedAt ?? -1) >= 0, "times are from the start of the call");

    const failed = new CallInfo();
    fails = 1;
    const failure = assert.rejects(pair.echo.unary({ id: "a" }, { info: failed, retry: false }), StatusError);
    await pair.platform.advanceAsync(2000);
    await failure;
    assert.deepEqual([failed.attempts, failed.delivery, failed.history], [1, "processed", []]);
    assert.equal(failed.timings?.backoffMs, 0);
    await pair.close();
  });

  it("is not reckoned where nobody wants to know", () => {
    const world = new RetryWorld();
    const plain = world.call({ retry: false });
    world.attempt(1).answer();
    assert.deepEqual(
      [plain.status?.attempts, plain.status?.timings, plain.status?.history],
      [undefined, undefined, undefined],
    );
    const retried = world.call();
    world.attempt(2).end(unavailable);
    world.f.platform.advance(1000);
    world.attempt(3).answer();
    assert.deepEqual([retried.status?.attempts, retried.status?.timings], [undefined, undefined]);
  });

  it("has the attempts of a hedged call", () => {
    const world = new RetryWorld();
    const hedging = { delayMs: 10, maxAttempts: 3, maxExtraLoad: Number.POSITIVE_INFINITY };
    const call = world.call({ info: new CallInfo(), hedging }, "NO_SIDE_EFFECTS");
    world.f.platform.advance(10);
    world.attempt(1).end(reset);
    world.attempt(3).answer("x");
    const { attempts, history, timings } = call.status ?? {};
    assert.equal(attempts, 3);
    assert.deepEqual(
      history?.map(({ message }) => message),
      ["the connection was lost"],
    );
    assert.deepEqual(timings, { ...noTimings, totalMs: 10, answerMs: 10 });
  });

  it("has transparent retries, and the waits of a call that succeeded", () => {
    const world = new RetryWorld();
    const call = world.call({ info: new CallInfo() }, "IDEMPOTENCY_UNKNOWN");
    world.transport.lose("gone");
    assert.equal(call.status?.code, StatusCode.UNAVAILABLE, "unknown is not tried again");
    world.f.platform.advance(5000);
    const again = world.call({ info: new CallInfo() }, "IDEMPOTENCY_UNKNOWN");
    world.f.platform.advance(70);
    const transport = world.f.connector.last.succeed();
    transport.calls[0]?.endUnsent();
    transport.lose("gone again");
    world.f.platform.advance(30);
    world.f.connector.last.succeed().calls[0]?.answer();
    const { attempts, history, timings } = again.status ?? {};
    assert.equal(again.outcome, "OK");
    assert.equal(attempts, 2);
    assert.deepEqual(
      history?.map(({ delivery }) => delivery),
      ["not-sent"],
    );
    assert.equal(timings?.connectingMs, timings?.totalMs);
  });
});
