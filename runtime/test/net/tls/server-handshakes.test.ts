import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import type { Address, ByteStream, ByteStreamSink, HandshakeGate, Listener, Peer } from "../../../src/base/platform.js";
import type { CertificateListener, CertificateProvider, TlsMaterial } from "../../../src/base/tls.js";
import type { TlsServerOptions } from "../../../src/credentials/server-credentials.js";
import { createNodePlatform } from "../../../src/net/node-platform.js";
import { tlsServer } from "../../../src/net/tls/tls-credentials.js";
import { sharedAuthority } from "../../support/certificates.js";
import { RecordingSink } from "../../support/recording-sink.js";

const platform = createNodePlatform();
const authority = sharedAuthority();
const { chain, key } = authority.issue({ dnsNames: ["api.internal"] });
const loopback: Address = { transport: "tcp", host: "127.0.0.1", port: 0 };

/** A provider whose material a test changes. */
class ChangingProvider implements CertificateProvider {
  readonly #listeners = new Set<CertificateListener>();
  #material: TlsMaterial | undefined;

  constructor(material?: TlsMaterial) {
    this.#material = material;
  }

  get watchers(): number {
    return this.#listeners.size;
  }

  current(): TlsMaterial | undefined {
    return this.#material;
  }

  watch(listener: CertificateListener): { close(): void } {
    this.#listeners.add(listener);
    if (this.#material !== undefined) listener.onMaterial(this.#material);
    return { close: () => this.#listeners.delete(listener) };
  }

  bring(material: TlsMaterial): void {
    this.#material = material;
    for (const listener of [...this.#listeners]) listener.onMaterial(material);
  }

  fail(message: string): void {
    for (const listener of [...this.#listeners]) listener.onError(message);
  }
}

interface Heard {
  readonly listener: Listener;
  readonly failures: string[];
  readonly faults: boolean[];
  readonly errors: string[];
  readonly accepted: ByteStream[];
  readonly admitted: Peer[];
  /** Resolves when the condition holds after something was heard. */
  until(isMet: () => boolean): Promise<void>;
}

async function listen(
  options: Partial<TlsServerOptions> = {},
  admit: HandshakeGate["admit"] = () => 0,
  address: Address = loopback,
): Promise<Heard> {
  const waiting: (() => void)[] = [];
  const check = (): void => {
    for (const each of waiting) each();
  };
  const heard = {
    failures: [] as string[],
    faults: [] as boolean[],
    errors: [] as string[],
    accepted: [] as ByteStream[],
    admitted: [] as Peer[],
  };
  const take = (stream: ByteStream): ByteStreamSink => {
    heard.accepted.push(stream);
    check();
    return new RecordingSink();
  };
  const given = options.provider === undefined ? { certificate: chain, key } : {};
  const { security } = tlsServer({ ...given, ...options });
  const listener = await platform.listen(address, security, {
    onAccept: take,
    onError: ({ message }) => {
      heard.errors.push(message);
      check();
    },
    gate: {
      admit: (peer) => {
        heard.admitted.push(peer);
        check();
        return admit(peer);
      },
      onFailed: ({ message }, _peer, isFault) => {
        heard.failures.push(message);
        heard.faults.push(isFault);
        check();
      },
      onUnwanted: take,
    },
  });
  const until = (isMet: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const each = (): void => {
        if (isMet()) resolve();
      };
      waiting.push(each);
      each();
    });
  return { ...heard, listener, until };
}

function reach(address: Address): Socket {
  assert.ok(address.transport === "tcp");
  return connect(address.port, address.host).on("error", () => undefined);
}

/** The certificate that the listener shows to a new connection. */
async function shownBy(address: Address): Promise<string> {
  const socket = connectTls({
    socket: reach(address),
    ca: authority.certificate,
    servername: "api.internal",
    ALPNProtocols: ["h2"],
  });
  await once(socket, "secureConnect");
  const { serialNumber } = socket.getPeerCertificate();
  socket.on("error", () => undefined).end();
  return serialNumber;
}

const closed = (socket: Socket): Promise<unknown> => new Promise((resolve) => socket.resume().on("close", resolve));

describe("handshakes of a listener", () => {
  it("are counted from the connection to their end, whichever that is", async () => {
    const { listener, until, accepted, admitted, failures } = await listen();
    const silent = reach(listener.address);
    await until(() => admitted.length === 1);
    assert.equal(listener.handshakes, 1);
    const reset = reach(listener.address);
    await until(() => admitted.length === 2);
    assert.equal(listener.handshakes, 2);
    reset.write("\x16\x03\x01");
    reset.resetAndDestroy();
    const garbage = reach(listener.address);
    garbage.write("GET / HTTP/1.1\r\n\r\n");
    await closed(garbage);
    await shownBy(listener.address);
    await until(() => accepted.length === 1 && failures.length === 1);
    assert.equal(listener.handshakes, 1);
    silent.destroy();
    await shownBy(listener.address);
    await until(() => accepted.length === 2);
    assert.equal(listener.handshakes, 0);
    assert.match(
      failures[0] ?? "",
      /^TLS handshake with ipv4:127\.0\.0\.1:\d+ failed: client speaks plaintext to a port of TLS$/,
    );
    for (const stream of accepted) stream.destroy();
    await listener.close();
  });

  it("take no longer than handshakeTimeoutMs", async () => {
    const { listener, failures, faults } = await listen({ handshakeTimeoutMs: 50 });
    const socket = reach(listener.address);
    await closed(socket);
    assert.match(failures.join(), /failed: took longer than 50 ms \(handshakeTimeoutMs\)$/);
    assert.deepEqual(faults, [true]);
    assert.equal(listener.handshakes, 0);
    await listener.close();
  });

  it("are no more than maxHandshakes at once", async () => {
    const { listener, until, admitted, failures, faults } = await listen({ maxHandshakes: 2 });
    const held = [reach(listener.address), reach(listener.address)];
    await until(() => admitted.length === 2);
    await closed(reach(listener.address));
    assert.match(failures.join(), /2 connections are in their TLS handshake, limit 2 \(maxHandshakes\)$/);
    assert.deepEqual(faults, [false]);
    for (const socket of held) socket.destroy();
    await listener.close();
  });

  it("leave room for others where one host takes all there is: its oldest makes way", async () => {
    const { listener, until, admitted, accepted, failures, faults } = await listen({ maxHandshakes: 3 });
    const first = reach(listener.address);
    await until(() => admitted.length === 1);
    const held = [first, reach(listener.address), reach(listener.address)];
    await until(() => admitted.length === 3);
    const { host, port } = listener.address as { host: string; port: number };
    const plain = connect({ host, port, localAddress: "127.0.0.2" });
    const other = connectTls({
      socket: plain,
      rejectUnauthorized: false,
      ALPNProtocols: ["h2"],
      servername: "api.internal",
    });
    await Promise.all([closed(first), once(other, "secureConnect"), until(() => accepted.length === 1)]);
    assert.match(failures.join(), /limit 3 \(maxHandshakes\), and its address has most of them$/);
    assert.deepEqual([faults, listener.handshakes], [[false], 2]);
    for (const socket of [...held, other, plain, ...accepted]) socket.destroy();
    await listener.close();
  });

  it("end with the listener", async () => {
    const { listener, until, admitted, failures } = await listen();
    const socket = reach(listener.address);
    await until(() => admitted.length === 1);
    await Promise.all([listener.close(), closed(socket)]);
    assert.deepEqual(failures, []);
  });

  it("that have begun when the listener closes come to their end, and those that do not are cut off in time", async () => {
    const { listener, until, accepted, admitted, failures } = await listen();
    const silent = reach(listener.address);
    const slow = reach(listener.address);
    await until(() => admitted.length === 2);
    const closing = listener.close(60_000);
    assert.equal(listener.close(60_000), closing);
    await assert.rejects(once(connect(listener.address as { port: number }), "connect"), /ECONNREFUSED/);
    const client = connectTls({ socket: slow, rejectUnauthorized: false, ALPNProtocols: ["h2"] });
    await once(client, "secureConnect");
    await until(() => accepted.length === 1);
    assert.equal(listener.handshakes, 1);
    await Promise.all([listener.close(0), closing, closed(silent)]);
    assert.deepEqual([failures, listener.handshakes], [[], 0]);
    for (const stream of accepted) stream.destroy();
    client.destroy();
  });

  it("end the wait of a listener that closes with the last of them", async () => {
    const { listener, until, accepted, admitted } = await listen();
    const slow = reach(listener.address);
    const leaver = reach(listener.address);
    await until(() => admitted.length === 2);
    const closing = listener.close(60_000);
    leaver.destroy();
    const client = connectTls({ socket: slow, rejectUnauthorized: false, ALPNProtocols: ["h2"] });
    await closing;
    await until(() => accepted.length === 1);
    for (const stream of accepted) stream.destroy();
    client.on("error", () => undefined).destroy();
  });

  it("that take too long hold up a listener that closes no longer than it said", async () => {
    const { listener, until, admitted } = await listen();
    const silent = reach(listener.address);
    await until(() => admitted.length === 1);
    await Promise.all([listener.close(20), closed(silent)]);
  });

  it("begin when the gate says, or not at all", async () => {
    let waitMs: number | undefined;
    const { listener, until, accepted, admitted } = await listen({}, () => waitMs);
    await closed(reach(listener.address));
    assert.equal(admitted.length, 1);
    assert.equal(listener.handshakes, 0);
    waitMs = 1;
    await shownBy(listener.address);
    await until(() => accepted.length === 1);
    waitMs = 60_000;
    const waiting = reach(listener.address);
    await until(() => admitted.length === 3);
    assert.equal(listener.handshakes, 1);
    accepted[0]?.destroy();
    await Promise.all([listener.close(), closed(waiting)]);
  });

  it("go over unix sockets too", async () => {
    const folder = mkdtempSync(join(tmpdir(), "godwit-"));
    const path = join(folder, "tls.sock");
    const { listener, until, accepted } = await listen({}, () => 0, { transport: "unix", path });
    const socket = connectTls({
      socket: connect(path),
      ca: authority.certificate,
      servername: "api.internal",
      ALPNProtocols: ["h2"],
    });
    await once(socket, "secureConnect");
    await until(() => accepted.length === 1);
    assert.equal(listener.handshakes, 0);
    assert.deepEqual([accepted[0]?.peer.address, accepted[0]?.peer.security], [`unix:${path}`, "tls"]);
    socket.destroy();
    accepted[0]?.destroy();
    await listener.close();
    rmSync(folder, { recursive: true });
  });

  it("begin with the material that is there by then; what is broken changes nothing", async () => {
    const provider = new ChangingProvider({ certificate: chain, key });
    const { listener, errors, accepted } = await listen({ provider });
    const first = await shownBy(listener.address);
    const next = authority.issue({ dnsNames: ["api.internal"] });
    provider.bring({ certificate: next.chain, key });
    assert.match(
      errors.join(),
      /^certificates of 127\.0\.0\.1:\d+: the key does not belong to the certificate; the last good ones stay in force$/,
    );
    assert.equal(await shownBy(listener.address), first);
    provider.bring({ certificate: next.chain, key: next.key });
    assert.equal(await shownBy(listener.address), next.serial);
    provider.fail("cannot read key.pem");
    assert.match(errors.at(-1) ?? "", /^certificates of 127\.0\.0\.1:\d+: cannot read key\.pem$/);
    assert.equal(await shownBy(listener.address), next.serial);
    for (const stream of accepted) stream.destroy();
    assert.equal(provider.watchers, 1);
    await listener.close();
    assert.equal(provider.watchers, 0);
  });

  it("wait for the first material; without any there is no listener", async () => {
    const provider = new ChangingProvider();
    const listening = listen({ provider });
    provider.bring({ certificate: chain, key });
    await (await listening).listener.close();
    const broken = new ChangingProvider();
    const failing = listen({ provider: broken });
    broken.fail("key.pem does not exist");
    await assert.rejects(failing, { message: "cannot listen on 127.0.0.1:0: key.pem does not exist" });
    assert.deepEqual([provider.watchers, broken.watchers], [0, 0]);
  });

  for (const [what, options, message] of [
    ["a key of another certificate", { key: authority.issue().key }, "the key does not belong to the certificate"],
    [
      "an encrypted key without its passphrase",
      { key: authority.issue().encryptedKey("x") },
      "the key has a passphrase, and none is given",
    ],
    [
      "no certificate",
      { provider: new ChangingProvider({ roots: [authority.certificate] }) },
      "there is no certificate for the server",
    ],
    [
      "no roots for clients",
      { provider: new ChangingProvider({ certificate: chain, key }), clientCertificate: "require" },
      "clients are asked for certificates, and there are no roots that these may lead to",
    ],
  ] as const) {
    it(`are not even begun with ${what}`, async () => {
      await assert.rejects(listen(options), { message: `cannot listen on 127.0.0.1:0: ${message}` });
    });
  }
});
