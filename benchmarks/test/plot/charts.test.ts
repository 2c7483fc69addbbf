import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chartsOf } from "../../plot/charts.js";
import { parseRecord, type RecordedRound } from "../../plot/record.js";

const script = fileURLToPath(new URL("../../plot/run.js", import.meta.url));

function round(row: string, pairing: string, perSecond: number, changes: Partial<RecordedRound> = {}): RecordedRound {
  return { row, pairing, perSecond, elapsedMs: 1000, operations: perSecond, ...changes };
}

function recordOf(rounds: readonly RecordedRound[]): string {
  const cpu = "A <fast> & cheap CPU";
  const environment = { date: "2026-05-04T10:00:00.000Z", node: "v20.1.0", cpu, pinned: { server: 0, client: 1 } };
  return JSON.stringify({ environment, rounds });
}

function chartOf(file: string, rounds: readonly RecordedRound[]): string {
  const svg = chartsOf(parseRecord(recordOf(rounds))).find((chart) => chart.file === file)?.svg;
  assert.ok(svg !== undefined, `there is no ${file}`);
  assertWellFormed(svg);
  return svg;
}

/** Every element is closed in its turn, every attribute is quoted, nothing is NaN. */
function assertWellFormed(svg: string): void {
  const open: string[] = [];
  let rest = svg.trimEnd();
  for (const [tag, slash, name, attributes, empty] of rest.matchAll(
    /<(\/?)([a-z]+)((?: [\w:-]+="[^"<>]*")*)(\/?)>/gi,
  )) {
    rest = rest.replace(tag, "");
    if (slash === "/") assert.equal(open.pop(), name);
    else if (empty === "") open.push(name as string);
    assert.doesNotMatch(attributes as string, /NaN|Infinity|undefined/);
  }
  assert.deepEqual(open, []);
  assert.doesNotMatch(rest, /[<>]|&(?!amp;|lt;|gt;|quot;)|NaN|undefined/);
}

/** What stands in the texts. */
function textsOf(svg: string): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, content]) => content as string);
}

/** Widths of the bars of a pairing, without the square in the legend. */
function barsOf(svg: string, pairing: string): number[] {
  const bars = svg.matchAll(
    new RegExp(`<rect class="p-${pairing}" x="[\\d.]+" y="[\\d.]+" width="([\\d.]+)" height="13"`, "g"),
  );
  return [...bars].map(([, width]) => Number(width));
}

describe("charts", () => {
  const unary = [1, 10, 100, 1000].flatMap((inFlight) => [
    ...[90_000, 100_000, 110_000].map((rate) => round(`headline-${inFlight}`, "godwit", rate)),
    round(`headline-${inFlight}`, "grpc-js", 5000),
    round(`headline-${inFlight}`, "skeleton", 200_000),
  ]);

  it("have the medians of the rounds, in bars that are as long as they are many", () => {
    const svg = chartOf("performance-unary.svg", unary);
    const texts = textsOf(svg);
    for (const inFlight of ["1", "10", "100", "1,000"]) assert.ok(texts.includes(`${inFlight} in flight`));
    assert.equal(texts.filter((text) => text === "5k").length, 4);
    const [ours, theirs, ceiling] = ["godwit", "grpc-js", "skeleton"].map((pairing) => barsOf(svg, pairing));
    assert.equal(ours?.length, 4);
    assert.ok(Math.abs((ours?.[0] ?? 0) / (theirs?.[0] ?? 1) - 20) < 0.2);
    assert.ok(Math.abs((ceiling?.[0] ?? 0) / (ours?.[0] ?? 1) - 2) < 0.02);
    assert.equal([...svg.matchAll(/class="spread"/g)].length, 4, "only what was measured more than once has a spread");
  });

  it("say what they were measured on, whatever that is called", () => {
    assert.match(
      chartOf("performance-unary.svg", unary),
      /2026-05-04, Node v20\.1\.0, A &lt;fast&gt; &amp; cheap CPU, one core a side/,
    );
  });

  it("have their unit on the axis and every library in the legend", () => {
    const svg = chartOf("performance-large.svg", [round("large-1", "godwit", 600), round("large-1", "raw-net", 1600)]);
    for (const text of ["MiB/s", "godwit", "raw-net", "600", "1.6k"]) assert.ok(textsOf(svg).includes(text), text);
    assert.match(svg, /prefers-color-scheme:dark/);
  });

  it("of TLS have an axis for each unit", () => {
    const rows = ["tls-headline-100", "tls-server-stream", "tls-large-1"];
    const svg = chartOf(
      "performance-tls.svg",
      rows.map((row) => round(row, "godwit", 1000)),
    );
    for (const unit of ["calls/s", "messages/s", "MiB/s"]) assert.ok(textsOf(svg).includes(unit), unit);
  });

  it("show clients with servers of others by the colour of the server", () => {
    const svg = chartOf("performance-mixed.svg", [
      round("mixed-headline-100", "godwit", 100),
      round("mixed-headline-100", "grpc-go", 50),
      round("mixed-headline-100", "grpc-go/godwit", 80),
      round("mixed-headline-100", "nice-grpc", 1),
    ]);
    assert.deepEqual(
      textsOf(svg).filter((text) => text.startsWith("client: ")),
      ["client: godwit", "client: grpc-go"],
    );
    assert.equal(barsOf(svg, "godwit").length, 2);
    assert.equal(barsOf(svg, "nice-grpc").length, 0);
  });

  it("of latencies have a point for each offered load, and a ring where it was too much", () => {
    const latencies = { p50Us: 60, p99Us: 900, p999Us: 4000, openLoop: { due: 3000, unsent: 0 } };
    const tooMuch = { ...latencies, p99Us: 90_000, openLoop: { due: 9000, unsent: 500 } };
    const svg = chartOf("performance-latency.svg", [
      round("open-half", "godwit", 3000, latencies),
      round("open-high", "godwit", 9000, { ...latencies, openLoop: { due: 9000, unsent: 0 } }),
      round("open-half", "grpc-js", 2990, latencies),
      round("open-high", "grpc-js", 6000, tooMuch),
    ]);
    for (const text of ["p50", "p99", "p99.9", "offered load, calls/s"]) assert.ok(textsOf(svg).includes(text), text);
    assert.equal([...svg.matchAll(/<circle class="p-/g)].length, 9);
    assert.equal([...svg.matchAll(/<circle class="surface"/g)].length, 3);
  });

  it("of memory have a bar for each side, as long as it is many", () => {
    const figures = { clientRssBytes: 8 * 1024, serverRssBytes: 4 * 1024 };
    const rounds = ["godwit", "grpc-js"].flatMap((subject) => [
      { row: "connections", subject, round: 0, figures },
      { row: "set-up-1", subject, round: 0, figures: { perSecond: 1000 } },
    ]);
    const environment = { date: "2026-05-04T10:00:00.000Z", node: "v20.1.0", cpu: "A CPU" };
    const [chart] = chartsOf(parseRecord(JSON.stringify({ environment, rounds })));
    assert.equal(chart?.file, "performance-memory.svg");
    assertWellFormed(chart?.svg ?? "");
    for (const text of ["connection, client", "connection, server", "KiB"]) {
      assert.ok(textsOf(chart?.svg ?? "").includes(text), text);
    }
    const [client, server] = barsOf(chart?.svg ?? "", "godwit") as [number, number];
    assert.ok(Math.abs(client / server - 2) < 0.02);
  });

  it("are none where there are no rows for them", () => {
    assert.deepEqual(
      chartsOf(parseRecord(recordOf([round("bare-1", "godwit", 1)]))).map(({ file }) => file),
      [],
    );
  });
});

describe("bench:plot", () => {
  const plot = (...args: string[]) => spawnSync(process.execPath, [script, ...args], { encoding: "utf8" });
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "plot-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("writes a small file for each chart", () => {
    const file = join(folder, "bench.json");
    const out = join(folder, "images");
    writeFileSync(file, recordOf([round("headline-100", "godwit", 1), round("server-stream", "grpc-go", 2)]));
    const { status, stderr } = plot(file, "--out", out);
    assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
    assert.deepEqual(readdirSync(out).sort(), ["performance-streams.svg", "performance-unary.svg"]);
    for (const name of readdirSync(out)) {
      const svg = readFileSync(join(out, name), "utf8");
      assertWellFormed(svg);
      assert.ok(svg.length < 20_000);
    }
  });

  it("says what is wrong with a file", () => {
    const file = join(folder, "empty.json");
    writeFileSync(file, "{}");
    const { status, stderr } = plot(file);
    assert.equal(status, 2);
    assert.match(stderr, /^environment or rounds are missing: expected what npm run bench -- --json FILE writes\n/);
  });
});
