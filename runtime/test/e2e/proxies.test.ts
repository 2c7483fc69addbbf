import assert from "node:assert/strict";
import { inspect } from "node:util";
import {
  type ChannelOptions,
  createChannel,
  createClient,
  createNodePlatform,
  insecure,
  type Platform,
  StatusCode,
} from "godwit";
import { EchoService } from "../gen/godwit/testing/v1/echo_godwit.js";
import { ConnectProxy } from "../support/connect-proxy.js";
import { checkRejections } from "../support/unhandled-rejections.js";
import { collect, failureOf, openLoopback } from "./loopback.js";

const basic = `Basic ${Buffer.from("ann:s@cret").toString("base64")}`;

/** This process's platform with another environment. */
function withEnvironment(variables: Readonly<Record<string, string>>): Platform {
  const platform = createNodePlatform();
  platform.env = (name) => variables[name];
  return platform;
}

function open(target: string, options: ChannelOptions) {
  const channel = createChannel(target, { credentials: insecure(), ...options });
  return { channel, echo: createClient(EchoService, channel), [Symbol.asyncDispose]: () => channel.close() };
}

describe("e2e: proxies", () => {
  checkRejections();

  it("lead calls to a server whose name they alone know", async () => {
    await using loopback = await openLoopback();
    await using proxy = await ConnectProxy.open({ names: { "shop.corp:8443": loopback.port }, authorization: basic });
    await using client = open("shop.corp:8443", { proxy: `http://ann:s%40cret@127.0.0.1:${proxy.port}` });
    assert.equal((await client.echo.unary({ id: "kettle" })).id, "kettle");
    assert.equal((await collect(client.echo.serverStream({ count: 100, size: 10_000 }))).length, 100);
    assert.equal(proxy.heads.length, 1, "one tunnel for all calls");
    assert.match(proxy.heads[0] ?? "", /^CONNECT shop\.corp:8443 HTTP\/1\.1\r\n/);
  });

  it("are those of the environment, but for the hosts that are excepted", async () => {
    await using loopback = await openLoopback();
    await using proxy = await ConnectProxy.open({ names: { "shop.corp:1": loopback.port } });
    const platform = withEnvironment({ https_proxy: `127.0.0.1:${proxy.port}`, no_proxy: "10.0.0.0/8,.inner.corp" });
    await using client = open("dns:///shop.corp:1", { platform });
    assert.equal((await client.echo.unary({ id: "kettle" })).id, "kettle");
    await using direct = open(`localhost:${loopback.port}`, { platform });
    assert.equal((await direct.echo.unary({ id: "pot" })).id, "pot");
    await using none = open("shop.corp:1", { platform, proxy: false });
    await failureOf(none.echo.unary({}), StatusCode.UNAVAILABLE);
    assert.equal(proxy.heads.length, 1);
  });

  it("are used for each address of a list", async () => {
    await using loopback = await openLoopback();
    await using proxy = await ConnectProxy.open({ names: { "10.0.0.2:1": loopback.port } });
    await using client = open("ipv4:10.0.0.1:1,10.0.0.2:1", { proxy: `http://127.0.0.1:${proxy.port}` });
    assert.equal((await client.echo.unary({ id: "kettle" })).id, "kettle");
    assert.deepEqual(
      proxy.heads.map((head) => head.split(" ")[1]),
      ["10.0.0.1:1", "10.0.0.2:1"],
    );
  });

  it("end with the connections that they lead", async () => {
    const loopback = await openLoopback();
    await using proxy = await ConnectProxy.open({ names: { "shop.corp:1": loopback.port } });
    await using client = open("shop.corp:1", { proxy: `http://127.0.0.1:${proxy.port}` });
    await client.echo.unary({});
    await loopback[Symbol.asyncDispose]();
    const error = await failureOf(client.echo.unary({}), StatusCode.UNAVAILABLE);
    assert.match(error.message, /shop\.corp:1 via proxy 127\.0\.0\.1:\d+: the proxy closed the connection|going away/);
  });

  it("that refuse are told apart from servers that do, and no password is shown", async () => {
    await using proxy = await ConnectProxy.open({ authorization: basic });
    const url = `http://ann:hush-hush@127.0.0.1:${proxy.port}`;
    await using client = open("shop.corp:443", { proxy: url });
    const error = await failureOf(client.echo.unary({}), StatusCode.UNAVAILABLE);
    assert.match(
      error.message,
      /connect to shop\.corp:443 via proxy 127\.0\.0\.1:\d+: the proxy answered 407 "Proxy Authentication Required", expected 200 \(it wants other credentials/,
    );
    const shown = inspect(error, { depth: 20, showHidden: true }) + inspect(client.channel, { depth: 20 });
    assert.ok(!shown.includes("hush-hush") && !shown.includes(Buffer.from("ann:hush-hush").toString("base64")));
  });

  it("that do not answer are given up with the attempt to connect", async () => {
    await using proxy = await ConnectProxy.open({ answer: () => {} });
    await using client = open("shop.corp:1", {
      proxy: `http://127.0.0.1:${proxy.port}`,
      connect: { timeoutMs: 100, initialBackoffMs: 100 },
    });
    const error = await failureOf(client.echo.unary({}), StatusCode.UNAVAILABLE);
    assert.match(error.message, /connect to shop\.corp:1 via proxy 127\.0\.0\.1:\d+ timed out \(limit [\d.]+ s\)/);
  });

  it("share a tunnel between channels of one proxy, not between people", async () => {
    await using loopback = await openLoopback();
    await using proxy = await ConnectProxy.open({ names: { "shop.corp:1": loopback.port } });
    const url = (user: string) => `http://${user}@127.0.0.1:${proxy.port}`;
    await using ann = open("shop.corp:1", { proxy: url("ann") });
    await using annToo = open("shop.corp:1", { proxy: url("ann") });
    await using bob = open("shop.corp:1", { proxy: url("bob") });
    for (const { echo } of [ann, annToo, bob]) await echo.unary({});
    const users = proxy.heads.map((head) => Buffer.from(head.split("Basic ")[1] ?? "", "base64").toString());
    assert.deepEqual(users, ["ann:", "bob:"]);
  });
});
