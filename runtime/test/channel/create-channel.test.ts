import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { ChannelOptions } from "../../src/channel/channel-options.js";
import { createChannel } from "../../src/channel/create-channel.js";
import { libraryUserAgent, userAgent } from "../../src/channel/user-agent.js";
import { bearerToken } from "../../src/credentials/bearer-token.js";
import { insecure } from "../../src/credentials/channel-credentials.js";
import { insecureServer } from "../../src/credentials/server-credentials.js";
import { staticResolver } from "../../src/resolver/static.js";
import { noCallOptions } from "../../src/rpc/call-options.js";
import { noDeadline } from "../../src/rpc/deadline.js";
import type { Invoker, RequestHeaders, RequestStream, ResponseSink } from "../../src/rpc/invoker.js";
import { Metadata } from "../../src/rpc/metadata.js";
import { OK } from "../../src/rpc/status.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { registerInProcessServer } from "../../src/transport/in-process/in-process-transport.js";
import { FakePlatform } from "../support/fake-platform.js";
import { method, RecordedCall } from "./recorded-call.js";

function start(target: string, options: ChannelOptions = {}) {
  const platform = new FakePlatform();
  const channel = createChannel(target, { credentials: insecure(), platform, ...options });
  const call = (callOptions = noCallOptions): RecordedCall => {
    const recorded = new RecordedCall();
    recorded.stream = channel.invoke({ method, metadata: new Metadata(), deadline: noDeadline }, callOptions, recorded);
    return recorded;
  };
  return { platform, channel, call };
}

describe("createChannel", () => {
  const bad: readonly [string, string, ChannelOptions, string][] = [
    [
      "no credentials",
      "localhost:50051",
      {},
      'credentials are missing for target "localhost:50051": expected { credentials: tls() }, or insecure() for plaintext',
    ],
    ...([insecureServer(), bearerToken("s3cr3t"), "s3cr3t"] as unknown[] as never[]).map(
      (credentials): [string, string, ChannelOptions, string] => [
        "credentials of something else",
        "localhost:50051",
        { credentials },
        "credentials are none of a channel: expected tls(), insecure() or combineCredentials(tls(), …)",
      ],
    ),
    [
      "a target that is not valid",
      "localhost:port",
      { credentials: insecure() },
      'target "localhost:port" is not valid: port is "port": expected a number from 1 to 65535',
    ],
    [
      "an unknown scheme",
      "foo://bar",
      { credentials: insecure() },
      'target "foo://bar" is not valid: scheme "foo" is not known, and it is not a DNS name either',
    ],
    [
      "a default timeout that is no time",
      "a:1",
      { credentials: insecure(), defaultTimeoutMs: Number.NaN },
      "defaultTimeoutMs is NaN: expected a number of 0 or more",
    ],
    [
      "less than nothing to keep of a call",
      "a:1",
      { credentials: insecure(), retry: { maxCallReplayBytes: -1 } },
      "retry.maxCallReplayBytes is -1: expected a number of bytes, 0 or more",
    ],
    [
      "no number of bytes to keep of all calls",
      "a:1",
      { credentials: insecure(), retry: { maxReplayBytes: Number.NaN } },
      "retry.maxReplayBytes is NaN: expected a number of bytes, 0 or more",
    ],
    [
      "an authority that is none",
      "a:1",
      { credentials: insecure(), authority: "a b" },
      'authority is "a b", expected "host" or "host:port" (RFC 3986 §3.2)',
    ],
    [
      "a user agent that cannot be sent",
      "a:1",
      { credentials: insecure(), userAgent: "shop\n" },
      'userAgent is "shop\\n": expected printable ASCII with no space at either end',
    ],
    [
      "a service config that is wrong",
      "a:1",
      { credentials: insecure(), serviceConfig: { methodConfig: [{ name: [], timeout: "5" }] } },
      'serviceConfig.methodConfig[0].timeout is "5": expected a duration such as "1.5s"',
    ],
    [
      "an idle timeout that is no time",
      "a:1",
      { credentials: insecure(), idleTimeoutMs: -1 },
      "idleTimeoutMs is -1: expected a number of 0 or more",
    ],
    [
      "a backoff that is no time",
      "a:1",
      { credentials: insecure(), connect: { initialBackoffMs: 0 } },
      "connect.initialBackoffMs is 0: expected a number of milliseconds above 0",
    ],
    [
      "a keepalive that is no time",
      "a:1",
      { credentials: insecure(), keepalive: { timeoutMs: -5 } },
      "keepalive.timeoutMs is -5: expected a number of milliseconds above 0",
    ],
    [
      "a connect option that does not exist",
      "localhost:50051",
      { credentials: insecure(), connect: { timeout: 5 } as ChannelOptions["connect"] },
      "connect.timeout does not exist; there are: initialBackoffMs, maxBackoffMs, timeoutMs",
    ],
    [
      "a call's retry options",
      "localhost:50051",
      { credentials: insecure(), retry: { maxAttempts: 3 } as ChannelOptions["retry"] },
      "retry.maxAttempts does not exist; there are: maxCallReplayBytes, maxReplayBytes, throttling",
    ],
    [
      "no connections at all",
      "a:1",
      { credentials: insecure(), maxConnectionsPerSubchannel: 0 },
      "maxConnectionsPerSubchannel is 0: expected a whole number of 1 or more",
    ],
  ];
  for (const [what, target, options, message] of bad) {
    it(`throws for ${what}`, () => {
      const platform = new FakePlatform();
      assert.throws(() => createChannel(target, { platform, ...options }), { name: "TypeError", message });
      platform.assertQuiet();
    });
  }

  it("refuses options that do not exist, and switches that are neither on nor off", () => {
    const create = (options: object) => () => createChannel("a:1", { credentials: insecure(), ...options });
    assert.throws(create({ keepAlive: {} }), {
      name: "TypeError",
      message: /^options\.keepAlive does not exist; there are: credentials, .*keepalive, /,
    });
    assert.throws(create({ shareConnections: "no" }), {
      name: "TypeError",
      message: "shareConnections is no: expected true or false",
    });
    assert.throws(create({ healthChecks: 1 }), { message: "healthChecks is 1: expected true or false" });
    assert.throws(() => createChannel("a:1", null as never), { message: "options are null: expected an object" });
  });

  it("throws for a limit that does not exist", () => {
    const options = { credentials: insecure(), limits: { maxEverything: 1 } as object };
    assert.throws(() => createChannel("a:1", options), { name: "TypeError", message: /maxEverything/ });
  });

  it("touches nothing before the first call", async () => {
    const { platform, channel } = start("localhost:50051");
    assert.equal(channel.target, "localhost:50051");
    assert.equal(channel.state(), "IDLE");
    assert.deepEqual(platform.lookups, []);
    platform.assertQuiet();
    await channel.close();
  });

  it("tells why there is no connection, and to where", async () => {
    const { platform, channel, call } = start("localhost:50051");
    const refused = call();
    await platform.settle();
    assert.equal(
      refused.outcome,
      'UNAVAILABLE: no connection to "localhost:50051": connect to 127.0.0.1:50051 was refused (ECONNREFUSED)',
    );
    await channel.close();
    platform.assertQuiet();
  });

  it("says that the port was not named", async () => {
    const { platform, channel, call } = start("dns:///localhost");
    const refused = call();
    await platform.settle();
    assert.equal(
      refused.outcome,
      'UNAVAILABLE: no connection to "dns:///localhost": connect to 127.0.0.1:443 was refused (ECONNREFUSED); the target names no port, so 443 was used',
    );
    await channel.close();
  });

  it("tells that a name does not exist", async () => {
    const { platform, channel, call } = start("nowhere:1");
    const failed = call();
    await platform.settle();
    assert.equal(
      failed.outcome,
      'UNAVAILABLE: no connection to "nowhere:1": cannot resolve nowhere: no such host (ENOTFOUND)',
    );
    await channel.close();
    platform.assertQuiet();
  });

  it("gives a server that says nothing 20 s", async () => {
    const { platform, channel, call } = start("127.0.0.1:50051");
    await platform.listen(
      { transport: "tcp", host: "127.0.0.1", port: 50051 },
      { kind: "none" },
      {
        onAccept: (stream) => ({ onData() {}, onDrain() {}, onEnd: () => stream.end(), onClose() {} }),
        onError: (error) => assert.fail(error),
      },
    );
    const failed = call();
    await platform.advanceAsync(19_999);
    assert.equal(failed.status, undefined);
    await platform.advanceAsync(1);
    assert.equal(
      failed.outcome,
      'UNAVAILABLE: no connection to "127.0.0.1:50051": 127.0.0.1:50051 accepted the connection but sent no HTTP/2 SETTINGS (limit 20 s); 20000 ms connecting',
    );
    await Promise.all([channel.close(), platform.advanceAsync(5000)]);
    assert.equal(platform.openLinks.length, 0);
  });

  it("connects by resolvers of one's own", async () => {
    const resolver = staticResolver("shop", [{ addresses: [{ transport: "unix", path: "/run/shop.sock" }] }]);
    const { platform, channel, call } = start("shop:///blue", { resolvers: [resolver] });
    call();
    await platform.settle();
    assert.deepEqual(platform.attempts, ["unix:/run/shop.sock"]);
    await channel.close();
  });

  it("needs no credentials for what does not leave the host", async () => {
    for (const target of ["unix:/run/x.sock", "inproc:nobody"]) {
      await createChannel(target, { platform: new FakePlatform() }).close();
    }
  });

  it("runs interceptors of both forms, in order", async () => {
    const log: string[] = [];
    const { platform, channel, call } = start("localhost:1", {
      interceptors: [
        (next) => (intercepted) => {
          log.push("promise");
          return next(intercepted);
        },
        {
          raw: (next) => ({
            invoke(headers, options, sink) {
              log.push("raw");
              return next.invoke(headers, options, sink);
            },
          }),
        },
      ],
    });
    const failed = call();
    await platform.settle();
    assert.deepEqual(log, ["promise", "raw"]);
    assert.equal(failed.status?.code, StatusCode.UNAVAILABLE);
    await channel.close();
  });
});

describe("an in-process channel", () => {
  let unregister: () => void = () => {};
  afterEach(() => unregister());

  /** Answers each message with itself, in capitals. */
  class Echo implements Invoker {
    readonly authorities: (string | undefined)[] = [];
    running: ResponseSink[] = [];

    invoke(headers: RequestHeaders, _options: unknown, sink: ResponseSink): RequestStream {
      this.authorities.push(headers.authority);
      this.running.push(sink);
      return {
        send(message) {
          sink.onHeaders(new Metadata());
          sink.onMessage(String(message).toUpperCase());
          sink.onStatus(OK);
          return true;
        },
        finish() {},
        pull() {},
        cancel: (status) => sink.onStatus(status),
      };
    }
  }

  it("calls a server of this process", async () => {
    unregister = registerInProcessServer("channel-test", new Echo());
    const { platform, channel, call } = start("inproc:channel-test");
    const echoed = call();
    echoed.stream?.send("a", true);
    await platform.settle();
    assert.deepEqual(echoed.log, ["headers", "message A", "OK"]);
    assert.equal(channel.describe().subchannels[0]?.address, "inproc:channel-test");
    const done = channel.close();
    await platform.settle();
    await done;
    platform.assertQuiet();
  });

  it("fails when there is no such server, and finds it when there is", async () => {
    const { platform, channel, call } = start("inproc:channel-test");
    const failed = call();
    await platform.settle();
    assert.equal(
      failed.outcome,
      'UNAVAILABLE: no connection to "inproc:channel-test": no server of this process listens on inproc:channel-test',
    );
    const waiting = call({ waitForReady: true });
    waiting.stream?.send("a", true);
    unregister = registerInProcessServer("channel-test", new Echo());
    await platform.advanceAsync(2000);
    assert.equal(waiting.outcome, "OK");
    unregister();
    const late = call();
    await platform.settle();
    assert.match(
      late.outcome,
      /no server of this process listens/,
      "a server that is gone is noticed with the next call",
    );
    const done = channel.close();
    await platform.settle();
    await done;
  });

  it("ends its calls with the channel", async () => {
    unregister = registerInProcessServer("channel-test", new Echo());
    const { platform, channel, call } = start("inproc:channel-test");
    const running = call();
    await platform.settle();
    const done = channel.close();
    assert.equal(running.outcome, 'CANCELLED: channel to "inproc:channel-test" is closed');
    await platform.settle();
    await done;
  });

  it("does not pick a server again that takes no more calls", async () => {
    const closing: Invoker = {
      invoke(_headers, _options, sink) {
        sink.onStatus({ code: StatusCode.UNAVAILABLE, message: "the server is shutting down", delivery: "not-sent" });
        return { send: () => true, finish() {}, pull() {}, cancel() {} };
      },
    };
    unregister = registerInProcessServer("channel-test", closing);
    const { platform, channel, call } = start("inproc:channel-test");
    const refused = call();
    await platform.settle();
    assert.equal(refused.outcome, "UNAVAILABLE: the server is shutting down");
    assert.equal(refused.status?.delivery, "not-processed");
    const done = channel.close();
    await platform.settle();
    await done;
  });
});

describe("userAgent", () => {
  it("names this version of the library behind the application", () => {
    const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")) as {
      version: string;
    };
    assert.equal(libraryUserAgent, `grpc-node-godwit/${version}`);
    assert.equal(userAgent(undefined), libraryUserAgent);
    assert.equal(userAgent("shop/1 (test)"), `shop/1 (test) ${libraryUserAgent}`);
  });
});
