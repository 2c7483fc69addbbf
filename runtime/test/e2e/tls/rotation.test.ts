import assert from "node:assert/strict";
import { CallInfo, type CertificateListener, type CertificateProvider, type TlsMaterial } from "godwit";
import { authority, identity, openClient, openSecure, serverName } from "./secure-loopback.js";

/** More on request: each is two new keys and some new connections. */
const rotations = Number(process.env["ROTATIONS"] ?? 20);
const workers = 4;

/** Material that is another one whenever a test says so. */
class RotatingProvider implements CertificateProvider {
  readonly #listeners = new Set<CertificateListener>();
  #material: TlsMaterial;

  constructor(material: TlsMaterial) {
    this.#material = material;
  }

  current(): TlsMaterial {
    return this.#material;
  }

  watch(listener: CertificateListener): { close(): void } {
    this.#listeners.add(listener);
    listener.onMaterial(this.#material);
    return { close: () => this.#listeners.delete(listener) };
  }

  rotate(material: TlsMaterial): void {
    this.#material = material;
    for (const listener of [...this.#listeners]) listener.onMaterial(material);
  }
}

const roots = [authority.certificate];
const serverMaterial = (): TlsMaterial => ({ ...identity(authority.issue({ dnsNames: [serverName] })), roots });
const clientMaterial = (): TlsMaterial => ({ ...identity(authority.issue({ commonName: "shop" })), roots });

describe("certificates that rotate under load", () => {
  it(`fail no call in ${rotations} rotations of both sides, and new connections have the new ones`, async () => {
    const server = new RotatingProvider(serverMaterial());
    const client = new RotatingProvider(clientMaterial());
    await using loopback = await openSecure({
      credentials: { provider: server, clientCertificate: "require" },
      server: { connectionAge: { maxConnectionAgeMs: 20 } },
    });
    let isOver = false;
    let calls = 0;
    const shown = new Set<string | undefined>();
    const credentials = { provider: client };
    const load = Array.from({ length: workers }, async () => {
      const { channel, echo } = openClient(loopback.port, credentials, { shareConnections: false });
      while (!isOver) {
        const info = new CallInfo();
        await echo.unary({ id: "kettle" }, { info });
        calls++;
        shown.add(info.peer?.tls?.identity?.fingerprint256);
      }
      await channel.close();
    });
    for (let i = 0; i < rotations; i++) {
      server.rotate(serverMaterial());
      client.rotate(clientMaterial());
      const { channel, echo } = openClient(loopback.port, credentials, { shareConnections: false });
      await echo.unary({});
      await channel.close();
    }
    isOver = true;
    await Promise.all(load);
    assert.ok(calls > rotations, `${calls} calls`);
    assert.ok(shown.size > workers, `${shown.size} certificates were met by ${calls} calls`);
    const clients = new Set(loopback.peers.map((peer) => peer.tls?.identity?.fingerprint256));
    assert.ok(clients.size > rotations / 2, `${clients.size} certificates of clients`);
    assert.deepEqual(loopback.refusals, []);
  });
});
