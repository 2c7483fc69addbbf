import assert from "node:assert/strict";
import type { RawInterceptor } from "../../../src/rpc/interceptor.js";
import { emptyServiceConfig } from "../../../src/service-config/service-config.js";
import { ChannelFixture } from "../channel-fixture.js";

const address = { transport: "tcp", host: "10.0.0.1", port: 1 } as const;

function serviceConfig(timeout: string) {
  return { value: { methodConfig: [{ name: [{}], timeout }] } };
}

describe("a call before the first configuration", () => {
  it("takes the method config that the resolver brings", () => {
    const f = new ChannelFixture();
    const call = f.call();
    f.platform.advance(100);
    f.resolver.tell({ endpoints: { value: [{ addresses: [address] }] }, serviceConfig: serviceConfig("0.5s") });
    f.connector.last.succeed();
    f.platform.advance(399);
    assert.equal(call.status, undefined, "the timeout counts from the start of the call");
    f.platform.advance(1);
    assert.match(call.outcome, /^DEADLINE_EXCEEDED: deadline of 500 ms ran out while waiting for the server's answer/);
  });

  it("keeps what is said meanwhile, and says it again in order", () => {
    const f = new ChannelFixture();
    const call = f.call();
    call.stream?.pull(3);
    assert.equal(call.stream?.send("a", false), false, "there is nowhere to send to");
    call.stream?.send("b", true);
    f.resolver.tellHosts("10.0.0.1");
    const transport = f.connector.last.succeed();
    assert.deepEqual(
      transport.calls[0]?.log.filter((entry) => !entry.startsWith("pull")),
      ["send a", "send b last"],
    );
  });

  it("says where a deadline found it", () => {
    const f = new ChannelFixture();
    const call = f.call({ timeoutMs: 50 });
    f.platform.advance(50);
    assert.match(call.outcome, /^DEADLINE_EXCEEDED: deadline of 50 ms ran out while resolving "/);
    assert.equal(call.status?.delivery, "not-sent");
    f.resolver.tellHosts("10.0.0.1");
    assert.equal(f.connector.attempts.length === 0 || f.connector.last.succeed().calls.length === 0, true);
  });

  it("ends alone when a raw interceptor throws: the channel goes on", () => {
    let isFirst = true;
    const raw: RawInterceptor = (next) => ({
      invoke(headers, options, sink) {
        if (isFirst) {
          isFirst = false;
          throw new Error("no luck");
        }
        return next.invoke(headers, options, sink);
      },
    });
    const f = new ChannelFixture({ interceptors: [{ raw }] });
    const first = f.call();
    const second = f.call();
    f.resolver.tellHosts("10.0.0.1");
    assert.equal(first.outcome, "INTERNAL: an interceptor failed in /shop.v1.Shop/Get: no luck");
    f.connector.last.succeed().calls[0]?.answer();
    assert.equal(second.outcome, "OK");
  });

  it("is cancelled below too when that happens while it starts", () => {
    let cancel = (): void => {};
    const raw: RawInterceptor = (next) => ({
      invoke(headers, options, sink) {
        const below = next.invoke(headers, options, sink);
        cancel();
        return below;
      },
    });
    const f = new ChannelFixture({ interceptors: [{ raw }] });
    const call = f.call();
    cancel = () => call.stream?.cancel({ code: 1, message: "enough" });
    f.resolver.tellHosts("10.0.0.1");
    assert.equal(call.outcome, "CANCELLED: enough");
    assert.equal(f.connector.last.succeed().calls.length, 0, "nothing waits for the connection any more");
  });

  it("fails with the resolver when there is nothing to wait for", () => {
    const f = new ChannelFixture();
    const call = f.call();
    f.resolver.tell({ endpoints: { status: { code: 14, message: "no such host" } } });
    assert.match(call.outcome, /^UNAVAILABLE: .*no such host/);
  });

  it("leaves the application's own config in force where the resolver has none", () => {
    assert.equal(emptyServiceConfig.methodConfig({ service: "a", name: "b" } as never).timeoutMs, undefined);
    const f = new ChannelFixture();
    const call = f.call();
    f.resolver.tellHosts("10.0.0.1");
    f.connector.last.succeed().calls[0]?.answer();
    assert.equal(call.outcome, "OK");
  });
});
