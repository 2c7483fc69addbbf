import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { ProcessSample } from "../soak/processes/process-sample.js";
import type { SoakRecord } from "../soak/record.js";
import { findFailures, mebibyte, slopePerMillion } from "../soak/verdict.js";

const script = fileURLToPath(new URL("../soak/run.js", import.meta.url));

/** With what the run ended, and all that it printed. */
async function soak(...args: string[]): Promise<{ exitCode: number; output: string }> {
  const child = spawn(process.execPath, [script, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const printed = Promise.all([text(child.stdout), text(child.stderr)]);
  const [exitCode] = await once(child, "exit");
  return { exitCode, output: (await printed).join("") };
}

function sampleOf(changes: Partial<ProcessSample> = {}): ProcessSample {
  const quiet = { heapBytes: 10 * mebibyte, externalBytes: mebibyte, rssBytes: 80 * mebibyte, descriptors: 20 };
  return { ...quiet, resources: ["PipeWrap"], census: { Object: 5000, Http2Session: 1 }, ...changes };
}

const zero = { unary: 0, streams: 0, reconnects: 0 };
const noFailures = { ended: { OK: 1 }, failures: 0, firstFailures: [] };

/** A soak that found nothing, except for what is changed. */
function recordOf(changes: Partial<SoakRecord> = {}): SoakRecord {
  const both = { client: sampleOf(), server: sampleOf() };
  return {
    warmUp: zero,
    counts: zero,
    fresh: both,
    samples: [
      { atMs: 0, done: zero, ...both },
      { atMs: 1, done: { ...zero, unary: 1_000_000 }, ...both },
    ],
    closed: { client: sampleOf({ census: {} }), server: sampleOf({ census: {} }) },
    tallies: { client: noFailures, server: noFailures },
    hanging: [],
    ...changes,
  };
}

/** With another sample of the server behind the others. */
function recordEndingWith(server: Partial<ProcessSample>): SoakRecord {
  const { samples } = recordOf();
  const done = { ...zero, unary: 2_000_000 };
  return recordOf({ samples: [...samples, { atMs: 2, done, client: sampleOf(), server: sampleOf(server) }] });
}

describe("a soak's verdict", () => {
  it("finds nothing where everything is as before", () => {
    assert.deepEqual(findFailures(recordOf()), []);
    assert.deepEqual(findFailures(recordEndingWith({ heapBytes: 17.9 * mebibyte, rssBytes: 500 * mebibyte })), []);
  });

  it("finds a heap, and buffers, that have grown", () => {
    const sentence = (grown: string) => [`the server's heap has grown by ${grown} MiB, limit 8.00`];
    assert.deepEqual(findFailures(recordEndingWith({ heapBytes: 19 * mebibyte })), sentence("9.00"));
    assert.deepEqual(findFailures(recordEndingWith({ externalBytes: 10 * mebibyte })), sentence("9.00"));
  });

  it("finds a class whose objects have become more", () => {
    const census = { Object: 5900, ServerCall: 1500, Map: 1001, Http2Session: 1 };
    assert.deepEqual(findFailures(recordEndingWith({ census })), [
      "the server has more objects than before, limit 1000: 1500 × ServerCall, 1001 × Map",
    ]);
  });

  it("finds calls that failed, whatever else there is", () => {
    const client = { ended: {}, failures: 12, firstFailures: ["one", "two"] };
    assert.deepEqual(findFailures(recordOf({ tallies: { client, server: noFailures } })), [
      "12 failures of calls at the client, the first: one; two",
    ]);
  });

  it("finds what is open when everything is closed", () => {
    const census = { Http2Session: 2, TimerEntry: 1 };
    const closed = sampleOf({ descriptors: 22, resources: ["PipeWrap", "TCPSocketWrap", "Timeout"], census });
    assert.deepEqual(findFailures(recordOf({ closed: { client: closed, server: closed }, hanging: ["server"] })), [
      ...["client", "server"].flatMap((role) => [
        `the ${role} has 2 more open files than before its first connection`,
        `the ${role} is kept alive by TCPSocketWrap, Timeout`,
        `the ${role} has closed everything and still has 1 × TimerEntry, 2 × Http2Session`,
      ]),
      "the server did not end by itself after it had closed everything",
    ]);
  });

  it("says how much a million calls add", () => {
    assert.equal(slopePerMillion("client", recordOf()), 0);
    assert.equal(slopePerMillion("server", recordEndingWith({ heapBytes: 12 * mebibyte })), 1);
  });
});

describe("a soak", function () {
  // Two processes and their garbage: some seconds, and many times that on a machine that has other work.
  this.timeout(120_000);

  it("passes, and ends", async () => {
    const { exitCode, output } = await soak("--unary", "1000", "--streams", "60", "--reconnects", "8");
    assert.match(output, /\npassed\n$/);
    assert.equal(exitCode, 0);
  });

  it("finds a server that keeps its calls", async () => {
    const { exitCode, output } = await soak("--unary", "1500", "--streams", "0", "--reconnects", "0", "--plant");
    assert.match(output, /FAILED: the server has more objects than before, limit 1000: .*\b1500 × ServerCall\b/);
    assert.match(output, /\nfailed\n$/);
    assert.equal(exitCode, 1);
  });

  it("refuses counts that are none", async () => {
    const { exitCode, output } = await soak("--unary", "many");
    assert.match(output, /^--unary is many, expected 0 or more\nnpm run soak -- /);
    assert.equal(exitCode, 2);
  });
});
