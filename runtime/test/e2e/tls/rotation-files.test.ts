import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import {
  CallInfo,
  type CertificateProvider,
  type Channel,
  certificateFiles,
  createChannel,
  createClient,
  createServer,
  type Server,
  tls,
  tlsServer,
} from "godwit";
import { EchoService } from "../../gen/godwit/testing/v1/echo_godwit.js";
import { createAuthority, type TestAuthority, type TestCertificate } from "../../support/certificates.js";
import { SecretVolume } from "../../support/secret-volume.js";
import { echoHandlers } from "../loopback.js";

/** Each is two swaps of links in the file system, one a side. */
const rotations = 15;

/** Connections are given up so soon that each rotation meets many new ones. */
const maxConnectionAgeMs = 50;

const workers = 8;

const paths = (volume: SecretVolume) => ({
  certificate: volume.path("tls.crt"),
  key: volume.path("tls.key"),
  roots: volume.path("ca.crt"),
  onError: assert.fail,
});

/** Resolves when the files have been read that `change` puts in place. */
function taken(provider: CertificateProvider, change: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let isChanged = false;
    const watch = provider.watch({
      onMaterial() {
        // First comes what was there before.
        if (!isChanged) {
          isChanged = true;
          change();
          return;
        }
        watch.close();
        resolve();
      },
      onError: (message) => reject(new Error(message)),
    });
  });
}

class Rig {
  readonly serverFiles = new SecretVolume();
  readonly clientFiles = new SecretVolume();
  readonly #serverProvider = certificateFiles(paths(this.serverFiles));
  readonly #clientProvider = certificateFiles(paths(this.clientFiles));
  readonly #server: Server = createServer({ connectionAge: { maxConnectionAgeMs } });
  readonly #channels: Channel[] = [];
  readonly refusals: string[] = [];
  #address = "";

  async start(authority: TestAuthority): Promise<void> {
    this.#swap(this.serverFiles, this.serverLeaf(authority), authority.certificate);
    this.#swap(this.clientFiles, this.clientLeaf(authority), authority.certificate);
    this.#server.add(EchoService, echoHandlers);
    const credentials = tlsServer({ provider: this.#serverProvider, clientCertificate: "require" });
    this.#address = (await this.#server.listen("127.0.0.1:0", { credentials })).address;
  }

  serverLeaf = (authority: TestAuthority) => authority.issue({ dnsNames: ["api.internal"], usages: ["server"] });
  clientLeaf = (authority: TestAuthority) => authority.issue({ dnsNames: ["shop.internal"], usages: ["client"] });

  /** A channel with connections of its own: they are shared by those with the same credentials. */
  connect() {
    const credentials = tls({ provider: this.#clientProvider });
    const channel = createChannel(this.#address, { credentials, authority: "api.internal" });
    this.#channels.push(channel);
    return createClient(EchoService, channel);
  }

  /** New pairs on both sides, and the roots that they are to be believed by: those of one authority, or of the old and the new one. */
  async rotate(signer: TestAuthority, ...authorities: readonly TestAuthority[]): Promise<TestCertificate> {
    const roots = authorities.map(({ certificate }) => certificate).join("");
    const leaf = this.serverLeaf(signer);
    await taken(this.#serverProvider, () => this.#swap(this.serverFiles, leaf, roots));
    const swapClient = (): void => this.#swap(this.clientFiles, this.clientLeaf(signer), roots);
    // While an authority changes, the next rotation wants this one to be known on both sides.
    if (authorities.length > 1) await taken(this.#clientProvider, swapClient);
    else swapClient();
    return leaf;
  }

  #swap(volume: SecretVolume, leaf: TestCertificate, roots: string): void {
    volume.swap({ "tls.crt": leaf.chain, "tls.key": leaf.key, "ca.crt": roots });
  }

  async stop(): Promise<void> {
    await Promise.all(this.#channels.map((channel) => channel.close()));
    await this.#server.close({ graceMs: 0 });
    this.serverFiles.remove();
    this.clientFiles.remove();
  }
}

describe("certificates of files that rotate under load", () => {
  it(`fail no call in ${rotations} rotations as Kubernetes does them, the authority's among them`, async () => {
    const rig = new Rig();
    try {
      let signer = createAuthority({ commonName: "CA 0" });
      await rig.start(signer);
      let isOver = false;
      let calls = 0;
      const served = new Set<string | undefined>();
      const load = Array.from({ length: workers }, async () => {
        const echo = rig.connect();
        while (!isOver) {
          const info = new CallInfo();
          await echo.unary({ id: "x" }, { info });
          calls++;
          served.add(info.peer?.tls?.identity?.fingerprint256);
        }
      });
      for (let i = 1; i <= rotations; i++) {
        // Every fifth time the authority changes: first it is believed, then it signs, then the old one is forgotten.
        const next = i % 5 === 0 ? createAuthority({ commonName: `CA ${i}` }) : signer;
        if (next !== signer) await rig.rotate(signer, signer, next);
        const leaf = await (next === signer ? rig.rotate(next, next) : rig.rotate(next, signer, next));
        signer = next;
        const info = new CallInfo();
        await rig.connect().unary({}, { info });
        assert.equal(info.peer?.tls?.identity?.fingerprint256, new X509Certificate(leaf.der).fingerprint256);
      }
      isOver = true;
      await Promise.all(load);
      assert.ok(calls > rotations * workers, `${calls} calls`);
      assert.ok(served.size > rotations / 2, `${served.size} certificates were met by ${calls} calls`);
    } finally {
      await rig.stop();
    }
  });
});
