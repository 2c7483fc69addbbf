import assert from "node:assert/strict";
import type { Socket } from "node:net";
import type { Address, ByteStream, HttpProxy } from "../../src/base/platform.js";
import { createNodePlatform } from "../../src/net/node-platform.js";
import { ConnectProxy } from "../support/connect-proxy.js";
import { RecordingSink } from "../support/recording-sink.js";

const platform = createNodePlatform();

function via(port: number, authorization?: string): HttpProxy {
  return { host: "127.0.0.1", port, authorization: () => authorization };
}

interface Attempt {
  readonly stream?: ByteStream;
  readonly sink: RecordingSink;
  readonly error?: Error;
}

function connectTo(address: Address, sink = new RecordingSink()): Promise<Attempt> {
  return new Promise((resolve) => {
    platform.connect(
      address,
      { kind: "none" },
      {
        onConnect(stream) {
          resolve({ stream, sink });
          return sink;
        },
        onError: (error) => resolve({ error, sink }),
      },
    );
  });
}

/** An attempt through a proxy that answers so. */
async function attempt(answer: (client: Socket) => void): Promise<Attempt & { port: number }> {
  await using proxy = await ConnectProxy.open({ answer });
  const { port } = proxy;
  const made = await connectTo({ transport: "tcp", host: "shop.corp", port: 443, proxy: via(port) });
  return { ...made, port };
}

const established = "HTTP/1.1 200 Connection established\r\n\r\n";

describe("connect through a proxy", () => {
  it("asks for a tunnel, and says no more than it has to", async () => {
    await using proxy = await ConnectProxy.open({ answer: (client) => client.write(established) });
    const made = await connectTo({ transport: "tcp", host: "shop.corp", port: 443, proxy: via(proxy.port) });
    assert.deepEqual(proxy.heads, ["CONNECT shop.corp:443 HTTP/1.1\r\nHost: shop.corp:443"]);
    assert.deepEqual(made.stream?.peer, { address: "dns:shop.corp:443", security: "none" });
    made.stream?.destroy();
    const v6 = await connectTo({ transport: "tcp", host: "fd00::1", port: 1, proxy: via(proxy.port, "Basic eDp5") });
    assert.equal(
      proxy.heads[1],
      "CONNECT [fd00::1]:1 HTTP/1.1\r\nHost: [fd00::1]:1\r\nProxy-Authorization: Basic eDp5",
    );
    assert.equal(v6.stream?.peer.address, "ipv6:[fd00::1]:1");
    v6.stream?.destroy();
  });

  it("loses nothing that came with the answer, its end neither", async () => {
    const endings: readonly ((client: Socket) => void)[] = [
      (client) => client.end(`${established}early bytes`),
      (client) => {
        client.write(established);
        client.end("early bytes");
      },
      (client) => {
        const text = `${established}early bytes`;
        let at = 0;
        const next = (): void => {
          if (at === text.length) client.end();
          else client.write(text[at++] ?? "", next);
        };
        client.setNoDelay(true);
        next();
      },
    ];
    for (const ending of endings) {
      await using proxy = await ConnectProxy.open({ answer: ending });
      const made = await connectTo({ transport: "tcp", host: "shop.corp", port: 443, proxy: via(proxy.port) });
      await made.sink.until(({ events }) => events.includes("end"));
      assert.equal(made.sink.bytes.toString(), "early bytes");
      made.stream?.destroy();
    }
  });

  const failures: readonly [string, (client: Socket) => void][] = [
    ['answered 403 "Forbidden", expected 200', (client) => client.end("HTTP/1.1 403 Forbidden\r\n\r\n")],
    ["closed the connection before it had answered CONNECT", (client) => client.end("HTTP/1.1 200 O")],
    ['does not speak HTTP/1.1: its answer begins with "220 mail"', (client) => client.write("220 mail")],
    [
      "answered with a header section of more than 16384 bytes",
      (client) => client.write(`HTTP/1.1 200 OK\r\n${"x: y\r\n".repeat(5000)}`),
    ],
  ];
  for (const [clause, answer] of failures) {
    it(`that ${clause} is an error in one sentence`, async () => {
      const { error, port } = await attempt(answer);
      assert.equal(error?.message, `connect to shop.corp:443 via proxy 127.0.0.1:${port}: the proxy ${clause}`);
    });
  }

  it("that resets the connection, or is not there, is one too", async () => {
    const reset = await attempt((client) => client.resetAndDestroy());
    assert.equal(
      reset.error?.message,
      `connect to shop.corp:443 via proxy 127.0.0.1:${reset.port}: reset by the peer (ECONNRESET)`,
    );
    const gone = await connectTo({ transport: "tcp", host: "shop.corp", port: 443, proxy: via(reset.port) });
    assert.equal(
      gone.error?.message,
      `connect to shop.corp:443 via proxy 127.0.0.1:${reset.port} was refused (ECONNREFUSED)`,
    );
  });

  it("is given up with its attempt, which says nothing then", async () => {
    let onAsked = (_client: Socket): void => {};
    const asked = new Promise<Socket>((resolve) => {
      onAsked = resolve;
    });
    await using proxy = await ConnectProxy.open({ answer: (client) => onAsked(client) });
    const connecting = platform.connect(
      { transport: "tcp", host: "shop.corp", port: 443, proxy: via(proxy.port) },
      { kind: "none" },
      { onConnect: () => assert.fail("connected"), onError: (error) => assert.fail(error.message) },
    );
    const client = await asked;
    const closed = new Promise((resolve) => client.once("close", resolve));
    connecting.cancel();
    client.end(established);
    client.resume();
    await closed;
  });

  it("does not repeat what it was told of us when the proxy does", async () => {
    await using proxy = await ConnectProxy.open({
      answer: (client) => client.write("HTTP/1.1 407 wrong: Basic eDp5\r\n\r\n"),
    });
    const address: Address = { transport: "tcp", host: "shop.corp", port: 443, proxy: via(proxy.port, "Basic eDp5") };
    const { error } = await connectTo(address);
    assert.match(error?.message ?? "", /: the proxy answered 407 "…", expected 200 /);
  });

  it("asks an application for its authorization once an attempt, and bears that there is none to be had", async () => {
    await using proxy = await ConnectProxy.open({ answer: (client) => client.write(established) });
    const given = ["Basic eDp5", "Basic x\r\nEvil: 1"];
    const authorization = () => given.shift() ?? assert.fail("no token");
    const address: Address = { transport: "tcp", host: "a", port: 1, proxy: { ...via(proxy.port), authorization } };
    const made = await connectTo(address);
    made.stream?.destroy();
    assert.deepEqual(proxy.heads, ["CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\nProxy-Authorization: Basic eDp5"]);
    given.length = 0;
    const { error } = await connectTo(address);
    const where = `a:1 via proxy 127.0.0.1:${proxy.port}`;
    assert.equal(error?.message, `cannot connect to ${where}: the proxy's authorization cannot be had: no token`);
  });

  const wrong: readonly [string, HttpProxy, string][] = [
    ["bücher.de", via(1), "host has characters outside ASCII, expected it as a proxy reads it (xn--)"],
    // As latin1 it would end the line of the header.
    ["shop\u010d\u010a", via(1), "host has characters outside ASCII, expected it as a proxy reads it (xn--)"],
    ["shop", via(1, "Basic x\r\nEvil: 1"), "the proxy's authorization is not printable ASCII"],
    ["shop", { ...via(1), host: "a b" }, "of the proxy, host is empty or has a space or a control character"],
    ["shop", via(70_000), "of the proxy, port is 70000, limit 65535"],
    ["a b", via(1), "host is empty or has a space or a control character"],
  ];
  for (const [host, proxy, problem] of wrong) {
    it(`does not ask where the ${problem}`, async () => {
      const { error } = await connectTo({ transport: "tcp", host, port: 443, proxy });
      assert.equal(
        error?.message,
        `connect to ${host}:443 via proxy ${proxy.host}:${proxy.port}: ${problem}`.replace("connect", "cannot connect"),
      );
    });
  }
});
