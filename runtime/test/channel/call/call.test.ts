import assert from "node:assert/strict";
import type { CallOptions } from "../../../src/rpc/call-options.js";
import { StatusCode } from "../../../src/rpc/status-code.js";
import { StatusError } from "../../../src/rpc/status-error.js";
import { createClient } from "../../../src/stub/client.js";
import { Echo, type TextInit } from "../../support/echo-service.js";
import { ChannelFixture } from "../channel-fixture.js";
import { method } from "../recorded-call.js";

/** A source without an end would keep the process for itself: this one gives up. */
const most = 1000;

/** A channel whose only address refuses connections: calls end while they start. */
function withoutConnection(): ChannelFixture {
  const f = new ChannelFixture();
  f.channel.connect();
  f.resolver.tellHosts("10.0.0.1");
  f.connector.last.refuse();
  return f;
}

describe("a call that ends while it starts", () => {
  const sources: Record<string, (taken: { count: number }) => Iterable<TextInit> | AsyncIterable<TextInit>> = {
    *sync(taken) {
      while (taken.count++ < most) yield { value: "" };
    },
    async *async(taken) {
      while (taken.count++ < most) yield { value: "" };
    },
  };
  for (const [kind, read] of Object.entries(sources)) {
    it(`reads no source to its end, which it may not have: ${kind} source`, async () => {
      const f = withoutConnection();
      const taken = { count: 0 };
      const promise = createClient(Echo, f.channel).upload(read(taken));
      await f.platform.settle();
      await assert.rejects(promise, (error) => error instanceof StatusError && error.code === StatusCode.UNAVAILABLE);
      assert.ok(taken.count <= 2, `${taken.count} messages were taken`);
    });
  }

  const odd: Record<string, CallOptions> = {
    "retry is true": { retry: true as never },
    "hedging is true": { hedging: true as never },
    "retry is null": { retry: null as never },
    "retry.retryableStatusCodes is 14": { retry: { retryableStatusCodes: 14 as never } },
  };
  for (const [problem, options] of Object.entries(odd)) {
    it(`leaves nothing in its channel: ${problem}`, () => {
      const f = new ChannelFixture();
      f.ready();
      const call = f.call(options, { method: { ...method, idempotency: "NO_SIDE_EFFECTS" } });
      assert.match(call.outcome, new RegExp(`^INTERNAL: cannot call /shop\\.v1\\.Shop/Get: ${problem}: expected `));
      assert.equal(f.channel.describe().runningCalls, 0);
    });
  }

  it("leaves nothing in its channel when its options throw", () => {
    const f = new ChannelFixture();
    f.ready();
    const options = {
      get retry(): never {
        throw new Error("no luck");
      },
    };
    const call = f.call(options);
    assert.equal(call.outcome, "INTERNAL: cannot call /shop.v1.Shop/Get: no luck");
    assert.equal(f.channel.describe().runningCalls, 0);
  });
});
