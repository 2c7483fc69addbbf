/** The runtime without the places where it tells of calls: what remains is what it would be if there were none. */
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";

type Edit = readonly [find: string | RegExp, replace: string];

const tellsOfStreams: readonly Edit[] = [
  [/^ *if \(!writable && this\.#stats !== undefined\).*\n/gm, ""],
  [/^ *this\.#stats\?\.on\w+\(.*\);\n/gm, ""],
  [/^ *this\.#tellStall\(\);\n/gm, ""],
];

/** Each edit must find its place: what does not would be measured against itself. */
const edits: Readonly<Record<string, readonly Edit[]>> = {
  "channel/channel.ts": [
    ["const stats = this.#startStats(headers, options);", "const stats = undefined;"],
    [/^ *if \(stats !== undefined\) return \{ \.\.\.headers, deadline, stats \};\n/m, ""],
  ],
  "channel/call/call.ts": [[/^ *this\.#stats\?\.onEnd\(told\);\n/m, ""]],
  "channel/call/pick/picked-call.ts": [
    [/^ *if \((?:this\.#)?headers\.stats !== undefined\) this\.#startStats.*\n/gm, ""],
    [/^ *this\.#stats\?\.on\w+\(.*\);\n/gm, ""],
    [
      /^ *const stats = this\.#stats;\n *if \(stats === undefined\) return headers;\n *return \{.*\n/m,
      "return headers;\n",
    ],
  ],
  "transport/client-transport.ts": [[/^ *headers\.attemptStats\?\.onConnection\(.*\);\n/m, ""]],
  "transport/client-stream.ts": tellsOfStreams,
  "transport/server-stream.ts": [
    ...tellsOfStreams,
    [/^( *)if \(stats\?\.hearsServerCalls === true\) \{\n(?:\1 .*\n)+\1\}\n/m, ""],
    ["const serverStats = this.#stats;", "const serverStats = undefined;"],
  ],
  "transport/message/message-sender.ts": [[/^ *this\.#owner\.onSent\(.*\);\n/gm, ""]],
  "server/call/server-call.ts": [
    [/^ *const \{ serverStats \} = this\.#headers;\n/m, ""],
    [/^ *return serverStats\?\.listener\.run === undefined \? ambient : .*\n/m, "return ambient;\n"],
  ],
  "server/call/handler-context.ts": [[/^ *this\.statsListener = .*\n/m, ""]],
};

/** Makes both builds alike, from the sources and from a copy without hooks, in `folder`. Returns the two. */
export function buildBoth(sources: string, folder: string): { whole: string; bare: string } {
  rmSync(folder, { recursive: true, force: true });
  const stripped = join(folder, "src");
  cpSync(sources, stripped, { recursive: true });
  for (const [file, fileEdits] of Object.entries(edits)) {
    const path = join(stripped, file);
    let text = readFileSync(path, "utf8");
    for (const [find, replace] of fileEdits) {
      const edited = text.replace(find, replace);
      if (edited === text) throw new Error(`${file} has no ${find}: what is to be left out has changed`);
      text = edited;
    }
    writeFileSync(path, text);
  }
  const [whole, bare] = [join(folder, "whole"), join(folder, "bare")];
  bundle(sources, whole);
  bundle(stripped, bare);
  return { whole, bare };
}

/** As the package is bundled, as far as benchmarks import it. */
function bundle(from: string, to: string): void {
  buildSync({
    entryPoints: { index: join(from, "index.ts"), "codegen/v1": join(from, "codegen/v1.ts") },
    outdir: to,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    packages: "external",
    chunkNames: "chunks/[name]-[hash]",
    logLevel: "warning",
  });
}
