import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createChannel, createClient, insecure, pushable, StatusCode, StatusError } from "godwit";
import { failureOf } from "../e2e/loopback.js";
import { EchoService, type EchoServiceClient } from "../gen/godwit/testing/v1/echo_godwit.js";
import { CallerLoad } from "../support/caller-load.js";
import { runChild } from "../support/child-process.js";
import { EchoCluster } from "../support/echo-cluster.js";

/** A channel with a connection of its own, and the process that it leads to. */
async function connect(cluster: EchoCluster) {
  const channel = createChannel(cluster.address, {
    credentials: insecure(),
    shareConnections: false,
    // Node leaves a connection hanging that was on its way to a worker when that was killed.
    connect: { timeoutMs: 1000 },
  });
  const echo = createClient(EchoService, channel);
  const { id } = await echo.unary({});
  return { echo, pid: Number(id), [Symbol.asyncDispose]: () => channel.close() };
}

/** A stream that a worker waits in for its client. */
async function openStream(echo: EchoServiceClient) {
  const asked = pushable<{ index: number }>();
  const answers = echo.bidi(asked)[Symbol.asyncIterator]();
  void asked.write({ index: 1 });
  const { value } = await answers.next();
  return { asked, answers, pid: Number(Buffer.from(value?.payload ?? [])) };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("cluster: workers", function () {
  this.timeout(30_000);

  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "godwit-cluster-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("share a port that the system chose, and connections are spread among them", async () => {
    await using cluster = await EchoCluster.start({ workers: 3 });
    assert.equal(new Set(cluster.lines.flatMap(({ address = [] }) => address)).size, 1);
    const counts = new Map<number, number>();
    for (let i = 0; i < 12; i++) {
      await using connection = await connect(cluster);
      counts.set(connection.pid, (counts.get(connection.pid) ?? 0) + 1);
    }
    assert.deepEqual([...counts.keys()].sort(), [...cluster.serving()].sort());
  });

  it("are reached by one channel whose calls need another connection (gRFC A105)", async () => {
    await using cluster = await EchoCluster.start({ workers: 2, maxConcurrentStreams: 1 });
    const serviceConfig = { connectionScaling: { maxConnectionsPerSubchannel: 2 } };
    await using channel = createChannel(cluster.address, { credentials: insecure(), serviceConfig });
    const echo = createClient(EchoService, channel);
    const first = await openStream(echo);
    const second = await openStream(echo);
    assert.deepEqual([first.pid, second.pid].sort(), [...cluster.serving()].sort());
    for (const { asked, answers } of [first, second]) {
      asked.finish();
      await answers.next();
    }
  });

  it("share a unix socket whose file a crash has left behind, those that come later too", async () => {
    const path = join(folder, "echo.sock");
    await runChild(
      `import { createServer } from "node:net";
       createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, "SIGKILL"));`,
    );
    assert.equal(existsSync(path), true);
    await using cluster = await EchoCluster.start({ workers: 2, address: `unix:${path}` });
    await cluster.restart();
    await using connection = await connect(cluster);
    assert.ok(cluster.serving().includes(connection.pid));
    cluster.signal("SIGTERM");
    assert.equal(await cluster.ended(), 0);
    assert.equal(existsSync(path), false);
  });

  it("that are killed are replaced; only calls that ran in them fail, and say so", async () => {
    await using cluster = await EchoCluster.start({ workers: 2 });
    await using one = await connect(cluster);
    await using other = await connect(cluster);
    assert.notEqual(one.pid, other.pid);
    const killed = await openStream(one.echo);
    const spared = await openStream(other.echo);
    const load = new CallerLoad(3, () => other.echo.unary({}));
    const from = cluster.lines.length;
    process.kill(one.pid, "SIGKILL");
    const error = await failureOf(killed.answers.next(), StatusCode.UNAVAILABLE);
    assert.equal(error.delivery, "processed");
    assert.ok(cluster.serving().includes(Number((await one.echo.unary({})).id)));
    const { message } = await cluster.next(/takes its place/, from);
    assert.match(message, /^worker \d+ \(pid \d+\) ended, and another takes its place: SIGKILL$/);
    await cluster.next(/serves$/, from);
    assert.equal(cluster.serving().length, 2);
    assert.equal(cluster.serving().includes(one.pid), false);
    spared.asked.finish();
    assert.equal((await spared.answers.next()).done, true);
    await load.calls(20);
    assert.deepEqual(await load.stop(), []);
  });

  it("that fail at their start again and again are tried again after pauses that double", async () => {
    const breakFile = join(folder, "broken");
    await using cluster = await EchoCluster.start({ workers: 2, breakFile });
    writeFileSync(breakFile, "");
    process.kill(cluster.serving()[0] as number, "SIGKILL");
    await cluster.next(/the next try is in 800 ms$/);
    rmSync(breakFile);
    const told = cluster.lines.flatMap(({ message }) => /did not start: (.*)$/.exec(message)?.[1] ?? []);
    assert.deepEqual(
      told,
      [200, 400, 800].map((ms) => `its configuration is broken; the next try is in ${ms} ms`),
    );
    await cluster.next(/serves$/, cluster.lines.length);
    assert.equal(cluster.serving().length, 2);
  });

  it("end with the program when not even the first one starts", async () => {
    const breakFile = join(folder, "broken");
    writeFileSync(breakFile, "");
    await using cluster = new EchoCluster({ workers: 4, breakFile });
    assert.equal(await cluster.ended(), 1);
    assert.match(cluster.errors, /^Error: worker 1 \(pid \d+\) did not start: its configuration is broken$/m);
    assert.match(
      cluster.errors,
      /\[cause\]: 'Error: its configuration is broken\\n' \+\s+' +at Object.start .*echo-main/,
    );
    assert.deepEqual(cluster.lines, []);
  });

  it("have startTimeoutMs to start", async () => {
    await using cluster = new EchoCluster({ isSilent: true, startTimeoutMs: 500 });
    assert.equal(await cluster.ended(), 1);
    assert.match(cluster.errors, /did not start: start took longer than 500 ms \(startTimeoutMs\)$/m);
  });

  it("drain when the primary is told to end: running streams come to their end, and then all processes", async () => {
    await using cluster = await EchoCluster.start({ workers: 2 });
    const pids = cluster.serving();
    await using one = await connect(cluster);
    const { asked, answers } = await openStream(one.echo);
    cluster.signal("SIGTERM");
    await cluster.next(/^SIGTERM: 2 workers go$/);
    // The other one has nothing to wait for.
    await cluster.next(/has gone$/);
    void asked.write({ index: 2 });
    assert.equal((await answers.next()).value?.index, 2);
    asked.finish();
    assert.equal((await answers.next()).done, true);
    assert.equal(await cluster.ended(), 0);
    assert.equal(cluster.lines.at(-1)?.message, "all have ended");
    assert.deepEqual(pids.filter(isAlive), []);
    assert.equal(cluster.errors, "");
  });

  it("end streams that do not come to their end within graceMs", async () => {
    await using cluster = await EchoCluster.start({ workers: 1, graceMs: 50 });
    await using one = await connect(cluster);
    const { answers } = await openStream(one.echo);
    cluster.signal("SIGINT");
    const error = await failureOf(answers.next(), StatusCode.UNAVAILABLE);
    assert.match(error.message, /the server is closed/);
    assert.equal(await cluster.ended(), 0);
  });

  it("are killed when the primary is told a second time", async () => {
    await using cluster = await EchoCluster.start({ workers: 1, graceMs: Number.MAX_VALUE });
    await using one = await connect(cluster);
    const { answers } = await openStream(one.echo);
    cluster.signal("SIGTERM");
    await cluster.next(/^SIGTERM: 1 workers go$/);
    cluster.signal("SIGTERM");
    await failureOf(answers.next(), StatusCode.UNAVAILABLE);
    assert.equal(await cluster.ended(), 0);
    assert.match(cluster.lines.at(-2)?.message ?? "", /did not go as it should: killed$/);
  });

  it("are told by a signal of their own, too, and are replaced without a failed call", async () => {
    await using cluster = await EchoCluster.start({ workers: 2 });
    await using one = await connect(cluster);
    const { asked, answers } = await openStream(one.echo);
    const load = new CallerLoad(3, () => one.echo.unary({}));
    const from = cluster.lines.length;
    process.kill(one.pid, "SIGTERM");
    // It has sent the client away.
    do await load.calls(1);
    while (load.failures.length === 0 && Number((await one.echo.unary({})).id) === one.pid);
    asked.finish();
    assert.equal((await answers.next()).done, true);
    await cluster.next(/ended, and another takes its place: exit code 0$/, from);
    await cluster.next(/serves$/, from);
    assert.deepEqual(await load.stop(), []);
  });

  it("outlive a primary that is killed until their calls have ended", async () => {
    await using cluster = await EchoCluster.start({ workers: 2 });
    await using one = await connect(cluster);
    const { asked, answers } = await openStream(one.echo);
    cluster.signal("SIGKILL");
    // It is the one that listens, and so nobody comes in any more.
    for (;;) {
      await using next = createChannel(cluster.address, { credentials: insecure(), shareConnections: false });
      const error = await createClient(EchoService, next)
        .unary({})
        .catch((thrown: unknown) => thrown);
      if (error instanceof StatusError && /ECONNREFUSED/.test(error.message)) break;
    }
    void asked.write({ index: 2 });
    assert.equal((await answers.next()).value?.index, 2);
    asked.finish();
    assert.equal((await answers.next()).done, true);
    // All that hold its pipes have ended.
    assert.equal(await cluster.ended(), null);
  });
});
