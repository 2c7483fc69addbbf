import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { budgets } from "../../footprint/start-up/budgets.js";
import { type Bundle, partOf } from "../../footprint/start-up/bundle.js";
import { launch } from "../../footprint/start-up/launch.js";
import { parseOptions } from "../../footprint/start-up/options.js";
import { rows } from "../../footprint/start-up/plan.js";
import { renderBundles, renderStarts } from "../../footprint/start-up/report.js";
import { footprintOf, type Launch, summarizeRow } from "../../footprint/start-up/results.js";

const bundler = new URL("../../footprint/start-up/bundle.js", import.meta.url).href;
const scriptOf = (name: string): string =>
  fileURLToPath(new URL(`../../footprint/start-up/programs/${name}.js`, import.meta.url));

/** In a process of its own: esbuild keeps a service beside the one that has used it. */
function measureBundles(programs: readonly string[]): Bundle[] {
  const script = `import { measureBundle } from ${JSON.stringify(bundler)};
    console.log(JSON.stringify(process.argv.slice(1).map(measureBundle)));`;
  const printed = execFileSync(process.execPath, ["--input-type=module", "-e", script, ...programs]);
  return JSON.parse(printed.toString()) as Bundle[];
}

describe("what a program weighs", () => {
  it("is within its budget as one minified file", () => {
    const bundles = measureBundles(Object.keys(budgets));
    for (const { program, minifiedBytes, gzipBytes, parts } of bundles) {
      const budget = budgets[program] as number;
      assert.ok(gzipBytes <= budget, `${program} is ${gzipBytes} bytes gzipped, budget ${budget}`);
      // A call at the top of a module that is not marked as pure keeps in dist's chunks what of the sources is left out.
      const fromSources = parts.reduce((sum, [, bytes]) => sum + bytes, 0);
      assert.ok(
        minifiedBytes < 1.02 * fromSources,
        `${program}: ${minifiedBytes} of dist, ${fromSources} of the sources`,
      );
      assert.ok(parts.some(([name]) => name === "http2") && parts.some(([name]) => name === "@bufbuild/protobuf"));
    }
    const [client, , server] = bundles.map(({ parts }) => parts.map(([name]) => name));
    const net = bundles.map(({ parts }) => parts.find(([name]) => name === "net")?.[1] ?? 0);
    assert.ok((net[1] as number) > 1.6 * (net[0] as number), `net of a client in plaintext and over TLS: ${net}`);
    assert.ok(!client?.includes("server") && !client?.includes("authz"), `a client has ${client}`);
    assert.ok(!server?.includes("balancer") && !server?.includes("retry"), `a server has ${server}`);
  }).timeout(60_000);

  it("is told by rooms and packages", () => {
    assert.equal(partOf("../../runtime/src/http2/session.ts"), "http2");
    assert.equal(partOf("../node_modules/@bufbuild/protobuf/dist/esm/create.js"), "@bufbuild/protobuf");
    assert.equal(partOf("node_modules/a/node_modules/long/index.js"), "long");
    assert.equal(partOf("benchmarks/build/gen/godwit/testing/v1/echo_pb.js"), "the program's generated code");
    assert.equal(partOf("benchmarks/build/footprint/start-up/programs/godwit-client.js"), "the program");
    const bundle = { program: "x", minifiedBytes: 2000, gzipBytes: 1000, parts: [["http2", 1500] as const] };
    assert.match(renderBundles([bundle]), /^x +2\.0 +1\.0\n\nin x, minified KB: http2 1\.5$/m);
  });
});

describe("the benchmark of start-up", () => {
  it("hears from a server and from clients when they are ready", async () => {
    const server = await launch(scriptOf("godwit-server"), [], process.env);
    try {
      for (const program of ["godwit-client", "grpc-js-bare-client"]) {
        const { told, stop } = await launch(scriptOf(program), [String(server.told.port)], process.env);
        await stop();
        assert.ok(told.importedMs > 0 && told.readyMs > told.importedMs && told.cpuMs > 0, JSON.stringify(told));
      }
    } finally {
      await server.stop();
    }
  });

  it("says which program ended without a word", async () => {
    await assert.rejects(launch(fileURLToPath(bundler), [], process.env), /bundle\.js ended without a word/);
  });

  it("compares the launches of one round", () => {
    const row = rows.find(({ id }) => id === "server");
    assert.ok(row !== undefined);
    const launchOf = (subject: string, round: number, readyMs: number): Launch => {
      return { row: "server", subject, round, told: { importedMs: 1, readyMs, cpuMs: 100 + readyMs } };
    };
    const launches = [10, 30, 20].flatMap((ms, round) => [
      launchOf("godwit", round, ms),
      launchOf("grpc-js", round, [40, 60, 80][round] as number),
    ]);
    const [ours, theirs] = summarizeRow(row, launches, 100);
    assert.deepEqual([ours?.readyMs, ours?.cpuMs, ours?.readyRatio], [20, 20, 1]);
    // 1/4, 1/2 and 1/4: the ratio of the medians would be 1/3.
    assert.deepEqual([theirs?.readyMs, theirs?.readyRatio, theirs?.cpuRatio], [60, 0.25, 0.25]);
    assert.deepEqual(footprintOf(summarizeRow(row, launches, 100), [])[2], {
      measure: "start of server",
      subject: "grpc-js",
      value: 60,
      unit: "ms",
    });
    assert.match(
      renderStarts(summarizeRow(row, launches, 100)),
      /^server +grpc-js +1\.0 +60\.0 +0\.25 +60\.0 +0\.25$/m,
    );
  });

  it("knows its options", () => {
    assert.deepEqual([parseOptions([]).rounds, parseOptions(["--quick"]).rounds], [15, 5]);
    assert.deepEqual(
      parseOptions(["--only", "client"]).rows.map(({ id }) => id),
      ["client"],
    );
    assert.equal(parseOptions(["--only", "bundled"]).rows.length, 4);
    assert.throws(() => parseOptions(["--only", "nothing"]), /no row is called nothing/);
    assert.throws(() => parseOptions(["--rounds", "0"]), /--rounds is 0, expected 1 or more/);
  });
});
