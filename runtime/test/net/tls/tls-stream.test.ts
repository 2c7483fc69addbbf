import assert from "node:assert/strict";
import type { Address, ByteStream, Listener } from "../../../src/base/platform.js";
import { clientSecurity, tlsOfChannel } from "../../../src/credentials/channel-credentials.js";
import { tlsOfServer } from "../../../src/credentials/server-credentials.js";
import { writeLimitBytes } from "../../../src/net/duplex-stream.js";
import { createNodePlatform } from "../../../src/net/node-platform.js";
import { tls, tlsServer } from "../../../src/net/tls/tls-credentials.js";
import { sharedAuthority } from "../../support/certificates.js";
import { RecordingSink } from "../../support/recording-sink.js";

const platform = createNodePlatform();
const authority = sharedAuthority();
const { chain, key } = authority.issue({ dnsNames: ["api.internal"] });
const loopback: Address = { transport: "tcp", host: "127.0.0.1", port: 0 };

interface End {
  readonly stream: ByteStream;
  readonly sink: RecordingSink;
}

async function pair(): Promise<{ listener: Listener; client: End; server: End }> {
  const { security } = tlsServer({ certificate: chain, key });
  let onServer: (end: End) => void;
  const accepted = new Promise<End>((resolve) => {
    onServer = resolve;
  });
  const listener = await platform.listen(loopback, security, {
    onAccept(stream) {
      const sink = new RecordingSink();
      onServer({ stream, sink });
      return sink;
    },
    onError: (error) => assert.fail(error),
  });
  const client = await new Promise<End>((resolve, reject) => {
    const asked = clientSecurity(tls({ roots: authority.certificate }), "api.internal");
    platform.connect(listener.address, asked, {
      onConnect(stream) {
        const sink = new RecordingSink();
        resolve({ stream, sink });
        return sink;
      },
      onError: reject,
    });
  });
  return { listener, client, server: await accepted };
}

describe("a byte stream over TLS", () => {
  it("is refused with credentials that bring nothing to make it secure with", async () => {
    const asked = clientSecurity(tlsOfChannel({}), "api.internal");
    const told = new Promise<Error>((resolve) => {
      platform.connect({ transport: "tcp", host: "127.0.0.1", port: 1 }, asked, {
        onConnect: () => assert.fail("connected"),
        onError: resolve,
      });
    });
    const made = "its credentials were not made by tls() or tlsServer()";
    assert.equal((await told).message, `cannot connect to 127.0.0.1:1: ${made}`);
    const { security } = tlsOfServer({ certificate: chain, key });
    const callbacks = { onAccept: () => assert.fail("accepted"), onError: assert.fail };
    await assert.rejects(platform.listen(loopback, security, callbacks), {
      message: `cannot listen on 127.0.0.1:0: ${made}`,
    });
  });

  it("carries bytes both ways and ends in order, each half by itself", async () => {
    const { listener, client, server } = await pair();
    assert.equal(client.stream.peer.tls?.protocol, "TLSv1.3");
    client.stream.write([Buffer.from("hel"), Buffer.from("lo")]);
    client.stream.end();
    await server.sink.until((sink) => sink.events.includes("end"));
    assert.equal(server.sink.bytes.toString(), "hello");
    server.stream.write([Buffer.from("answer after your end")]);
    server.stream.end();
    await Promise.all([client.sink.closed, server.sink.closed]);
    assert.equal(client.sink.bytes.toString(), "answer after your end");
    await listener.close();
  });

  it("puts what is written at once into one record", async () => {
    const { listener, client, server } = await pair();
    client.stream.write(Array.from({ length: 20 }, (_, i) => Buffer.alloc(50, i)));
    await server.sink.until((sink) => sink.bytes.length === 1000);
    assert.deepEqual(
      server.sink.chunks.map(({ length }) => length),
      [1000],
    );
    client.stream.destroy();
    server.stream.destroy();
    await listener.close();
  });

  it("pushes back, drains, and loses nothing of 8 MiB", async () => {
    const { listener, client, server } = await pair();
    server.stream.pause();
    const total = 128;
    const chunkBytes = 64 * 1024;
    let sent = 0;
    let stops = 0;
    const writeAll = (): void => {
      while (sent < total) {
        if (client.stream.write([Buffer.alloc(chunkBytes, sent++)])) continue;
        stops++;
        return;
      }
      client.stream.end();
    };
    const drain = client.sink.onDrain.bind(client.sink);
    client.sink.onDrain = () => {
      drain();
      writeAll();
    };
    writeAll();
    assert.ok(sent < total, "the receiver is paused, so the sender was stopped");
    assert.ok(client.stream.pendingBytes >= writeLimitBytes);
    server.stream.resume();
    await server.sink.until((sink) => sink.events.includes("end"));
    const got = server.sink.bytes;
    assert.equal(got.length, total * chunkBytes);
    for (let i = 0; i < total; i++) assert.equal(got[i * chunkBytes + 17], i);
    assert.ok(stops > 0);
    assert.equal(client.stream.pendingBytes, 0);
    server.stream.end();
    await Promise.all([client.sink.closed, server.sink.closed]);
    await listener.close();
  });

  it("knows other names that the certificate is for, and those that it is not for", async () => {
    const { listener, client, server } = await pair();
    assert.equal(client.stream.authorityProblem?.("api.internal:8443"), undefined);
    const problem = "certificate is for api.internal, db.internal was asked for";
    assert.equal(client.stream.authorityProblem?.("db.internal"), problem);
    assert.equal(client.stream.authorityProblem?.("a b"), "a b is no name that a certificate can prove");
    assert.equal(server.stream.authorityProblem, undefined);
    client.stream.destroy();
    server.stream.destroy();
    await listener.close();
  });
});
