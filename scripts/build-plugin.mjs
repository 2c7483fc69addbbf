// Bundles the plugin into one file. protoplugin loads TypeScript (9 MB of source) at start in order to transpile; this
// plugin prints every target itself and never transpiles, so both packages are replaced by nothing.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Writes protoc-gen-godwit.js into `outdir`, by default the package's dist. */
export async function buildPlugin(outdir = `${root}plugin/dist`) {
  await build({
    entryPoints: [`${root}plugin/src/protoc-gen-godwit.ts`],
    outdir,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    banner: { js: await notice() },
    plugins: [withoutTypeScript, withFixedCollation],
    logLevel: "warning",
  });
}

/** The licences of what the bundle contains. A part of protobuf-es is under BSD-3-Clause, which asks for its full text. */
async function notice() {
  const varint = fileURLToPath(import.meta.resolve("@bufbuild/protobuf/wire")).replace(/index\.js$/, "varint.js");
  const [licence] = (await readFile(varint, "utf8")).match(/^(\/\/.*\n)+/) ?? [""];
  if (!licence.includes("Redistributions in binary form"))
    throw new Error(`${varint} does not begin with its licence: look at it again`);
  return `// protoc-gen-godwit, Apache-2.0. Contains @bufbuild/protobuf and @bufbuild/protoplugin, Apache-2.0,\n// Copyright Buf Technologies, Inc., and of the former a part under this licence:\n//\n${licence}`;
}

const withoutTypeScript = {
  name: "without-typescript",
  setup(pluginBuild) {
    pluginBuild.onResolve({ filter: /^(typescript|@typescript\/vfs)$/ }, ({ path }) => ({ path, namespace: "absent" }));
    pluginBuild.onLoad({ filter: /.*/, namespace: "absent" }, () => ({
      contents:
        "export default {}; export const createDefaultMapFromNodeModules = undefined, createSystem = undefined, createVirtualCompilerHost = undefined;",
    }));
  },
};

/** protoplugin sorts import names by the collation of the machine's language; the same input gives the same bytes anywhere. */
const withFixedCollation = {
  name: "with-fixed-collation",
  setup(pluginBuild) {
    pluginBuild.onLoad({ filter: /protoplugin[\\/]dist[\\/]esm[\\/]generated-file\.js$/ }, async ({ path }) => {
      const source = await readFile(path, "utf8");
      const parts = source.split(".localeCompare(b.name)");
      if (parts.length !== 2) throw new Error(`${path} does not sort import names as expected: look at it again`);
      return { contents: parts.join('.localeCompare(b.name, "en")'), loader: "js" };
    });
  },
};

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildPlugin();
