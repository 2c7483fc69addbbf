import type { Environment } from "../../macro/environment.js";
import { renderTable } from "../../macro/table.js";
import type { Bundle } from "./bundle.js";
import type { Summary } from "./results.js";

export function describe({ node, system, cpu, versions }: Environment, rounds: number, launches: number): string {
  return [
    `Node ${node}, ${system}, ${cpu}, processes not pinned`,
    `godwit ${versions.godwit} against @grpc/grpc-js ${versions["@grpc/grpc-js"]} with protobufjs ${versions["protobufjs"]}`,
    `${launches} launches in ${rounds} rounds: medians; about ${Math.ceil((launches * 0.25) / 10) * 10} s`,
  ].join("\n");
}

/** Times from when Node hands over to the program. */
export function renderStarts(summaries: readonly Summary[]): string {
  const head = ["start-up", "", "imported ms", "ready ms", "godwit by it", "CPU ms", "godwit by it"];
  return renderTable(
    head,
    summaries.map(({ row, subject, importedMs, readyMs, readyRatio, cpuMs, cpuRatio }) => [
      row,
      subject,
      importedMs.toFixed(1),
      readyMs.toFixed(1),
      subject === "godwit" ? "" : readyRatio.toFixed(2),
      cpuMs.toFixed(1),
      subject === "godwit" ? "" : cpuRatio.toFixed(2),
    ]),
  );
}

export function renderBundles(bundles: readonly Bundle[]): string {
  const kilo = (bytes: number): string => (bytes / 1000).toFixed(1);
  const table = renderTable(
    ["bundle", "minified KB", "gzip KB"],
    bundles.map(({ program, minifiedBytes, gzipBytes }) => [program, kilo(minifiedBytes), kilo(gzipBytes)]),
  );
  const parts = bundles.map((bundle) => {
    const told = bundle.parts.map(([name, bytes]) => `${name} ${kilo(bytes)}`);
    return `in ${bundle.program}, minified KB: ${told.join(", ")}`;
  });
  return [table, ...parts].join("\n\n");
}
