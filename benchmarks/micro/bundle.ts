/** Bundles what measures with the sources that it measures, ours or another checkout's, as the package itself is bundled. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

export const root = fileURLToPath(new URL("..", import.meta.resolve("godwit/package.json")));

/** Returns the bundle. `checkout`: the folder of the repository whose runtime is measured; the benchmark is always ours. */
export async function bundleMeasure(checkout: string, name: string): Promise<string> {
  const outfile = join(root, ".cache", "bench-micro", `${name}.mjs`);
  const source = join(checkout, "runtime", "src");
  await build({
    entryPoints: [join(root, "benchmarks", "micro", "measure-main.ts")],
    outfile,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    external: ["@grpc/*", "@bufbuild/*"],
    sourcemap: "linked",
    sourcesContent: false,
    logLevel: "warning",
    plugins: [
      {
        name: "runtime-of-checkout",
        setup({ onResolve }) {
          const toSource = (path: string) => ({ path: path.replace(/\.js$/, ".ts") });
          onResolve({ filter: /\/runtime\/src\// }, ({ path }) =>
            toSource(join(source, path.slice(path.indexOf("/runtime/src/") + "/runtime/src/".length))),
          );
          onResolve({ filter: /^godwit$/ }, () => toSource(join(source, "index.js")));
          onResolve({ filter: /^godwit\// }, ({ path }) =>
            toSource(join(source, `${path.slice("godwit/".length)}.js`)),
          );
        },
      },
    ],
  });
  return outfile;
}
