import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { type ChannelCredentials, createChannel, createClient, insecure, pushable, tls } from "godwit";
import { EchoService } from "../gen/godwit/testing/v1/echo_godwit.js";
import { CallerLoad } from "../support/caller-load.js";
import { sharedAuthority } from "../support/certificates.js";
import { EchoCluster } from "../support/echo-cluster.js";

const authority = sharedAuthority();
/** More for a run that is to be recorded: GODWIT_RESTARTS=50. */
const restarts = Number(process.env["GODWIT_RESTARTS"] ?? 2);
/** Callers that keep a connection, and as many that connect anew for each call. */
const callers = 5;
/** Calls that have ended before all is restarted again. */
const callsBetween = 100;

/** Of the certificate that a new connection is shown. */
async function serialOf(address: string): Promise<string> {
  const [host, port] = address.split(":");
  const socket = connect({ host, port: Number(port), ca: authority.certificate, ALPNProtocols: ["h2"] });
  await once(socket, "secureConnect");
  const { serialNumber } = socket.getPeerCertificate();
  socket.on("error", () => undefined).destroy();
  return serialNumber;
}

describe("cluster: a rolling restart", function () {
  this.timeout(20_000 + restarts * 10_000);

  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "godwit-cluster-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function certificateFiles(): { certificate: string; key: string } {
    const { chain, key } = authority.issue({ ipAddresses: ["127.0.0.1"] });
    const paths = { certificate: join(folder, "crt"), key: join(folder, "key") };
    writeFileSync(paths.certificate, chain);
    writeFileSync(paths.key, key);
    return paths;
  }

  /** What failed while all workers were restarted again and again. */
  async function failuresOf(cluster: EchoCluster, credentials: ChannelCredentials): Promise<readonly string[]> {
    await using channel = createChannel(cluster.address, { credentials });
    const echo = createClient(EchoService, channel);
    const answeredBy = new Set<number>();
    const steady = new CallerLoad(callers, async () => {
      const { id } = await echo.unary({}, { timeoutMs: 10_000 });
      answeredBy.add(Number(id));
    });
    const passing = new CallerLoad(callers, async () => {
      await using own = createChannel(cluster.address, { credentials, shareConnections: false });
      const { id } = await createClient(EchoService, own).unary({}, { timeoutMs: 10_000 });
      answeredBy.add(Number(id));
    });
    for (let i = 0; i < restarts; i++) {
      await Promise.all([steady.calls(callsBetween), passing.calls(callsBetween)]);
      const before = cluster.serving();
      await cluster.restart();
      assert.equal(cluster.serving().filter((pid) => before.includes(pid)).length, 0);
      assert.equal(cluster.serving().length, 2);
      answeredBy.clear();
      await Promise.all([steady.calls(callsBetween), passing.calls(callsBetween)]);
      assert.deepEqual(
        [...answeredBy].filter((pid) => before.includes(pid)),
        [],
      );
    }
    return [...(await steady.stop()), ...(await passing.stop())];
  }

  it(`fails no call in plaintext, ${restarts} times`, async () => {
    await using cluster = await EchoCluster.start({ workers: 2 });
    assert.deepEqual(await failuresOf(cluster, insecure()), []);
  });

  it(`fails no call over TLS, ${restarts} times, whose handshakes come to their end`, async () => {
    await using cluster = await EchoCluster.start({ workers: 2, ...certificateFiles() });
    assert.deepEqual(await failuresOf(cluster, tls({ roots: authority.certificate })), []);
  });

  it("is not needed for new certificates: each worker sees them", async () => {
    const files = certificateFiles();
    await using cluster = await EchoCluster.start({ workers: 2, ...files });
    const { chain, serial, key } = authority.issue({ ipAddresses: ["127.0.0.1"] });
    writeFileSync(files.key, key);
    writeFileSync(files.certificate, chain);
    // Connections go to both in turn.
    for (let inARow = 0; inARow < 6; ) inARow = (await serialOf(cluster.address)) === serial ? inARow + 1 : 0;
    assert.equal(cluster.serving().length, 2);
  });

  it(`fails no call over a unix socket, ${restarts} times`, async () => {
    await using cluster = await EchoCluster.start({ workers: 2, address: `unix:${join(folder, "echo.sock")}` });
    assert.deepEqual(await failuresOf(cluster, insecure()), []);
  });

  it("lets a stream go on in the old worker to its end", async () => {
    await using cluster = await EchoCluster.start({ workers: 1 });
    await using channel = createChannel(cluster.address, { credentials: insecure() });
    const echo = createClient(EchoService, channel);
    const asked = pushable<{ index: number }>();
    const answers = echo.bidi(asked)[Symbol.asyncIterator]();
    const ask = async (index: number): Promise<string> => {
      void asked.write({ index });
      const { value } = await answers.next();
      return Buffer.from(value?.payload ?? []).toString();
    };
    const old = await ask(1);
    const from = cluster.lines.length;
    cluster.signal("SIGHUP");
    await cluster.next(/serves$/, from);
    // The old worker has sent the client away.
    while ((await echo.unary({})).id === old);
    assert.equal(await ask(2), old);
    asked.finish();
    assert.equal((await answers.next()).done, true);
    await cluster.next(/has gone$/, from);
    await cluster.next(/^the restart is done$/, from);
  });

  it("that is asked for while another runs follows it", async () => {
    await using cluster = await EchoCluster.start({ workers: 1 });
    const from = cluster.lines.length;
    cluster.signal("SIGHUP");
    await cluster.next(/^1 workers restart/, from);
    cluster.signal("SIGHUP");
    cluster.signal("SIGHUP");
    await cluster.next(/^the restart is done$/, from);
    const between = cluster.lines.length;
    await cluster.next(/^the restart is done$/, between);
    assert.equal(cluster.lines.slice(from).filter(({ message }) => message.endsWith("has gone")).length, 2);
  });

  it("ends where the new program does not start, and the old one serves on", async () => {
    const breakFile = join(folder, "broken");
    await using cluster = await EchoCluster.start({ workers: 2, breakFile });
    const before = cluster.serving();
    writeFileSync(breakFile, "");
    const from = cluster.lines.length;
    cluster.signal("SIGHUP");
    const { message } = await cluster.next(/the restart ends here/, from);
    assert.match(
      message,
      /^worker 3 \(pid \d+\) did not start: its configuration is broken; the restart ends here, and those that serve go on$/,
    );
    assert.deepEqual(cluster.serving(), before);
    await using channel = createChannel(cluster.address, { credentials: insecure() });
    assert.ok(before.includes(Number((await createClient(EchoService, channel).unary({})).id)));
    rmSync(breakFile);
    await cluster.restart();
    assert.equal(cluster.serving().length, 2);
  });
});
