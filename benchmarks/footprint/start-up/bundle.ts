/** Programs as one minified file with all that they import in it. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { type BuildOptions, buildSync, type Metafile } from "esbuild";

export interface Bundle {
  readonly program: string;
  readonly minifiedBytes: number;
  readonly gzipBytes: number;
  /** Minified bytes by room of the runtime and by package, the largest first. */
  readonly parts: readonly (readonly [name: string, bytes: number])[];
}

const folder = fileURLToPath(new URL(".", import.meta.url));
const sources = fileURLToPath(new URL("../../../../runtime/src/", import.meta.url));

/** grpc-js and protobufjs are CommonJS, and ask for Node's modules by require. */
const requireBanner = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';

function optionsOf(program: string): BuildOptions {
  return {
    entryPoints: [join(folder, "programs", `${program}.js`)],
    bundle: true,
    minify: true,
    platform: "node",
    format: "esm",
    target: "node20.19",
    logLevel: "error",
  };
}

/** The bundle as a file; returns its path. */
export function writeBundle(program: string): string {
  mkdirSync(join(folder, "bundled"), { recursive: true });
  const outfile = join(folder, "bundled", `${program}.mjs`);
  buildSync({ ...optionsOf(program), outfile, banner: { js: requireBanner } });
  return outfile;
}

/** The size of the bundle of what is published, and what is in it, which the sources tell: their files are rooms. */
export function measureBundle(program: string): Bundle {
  const { outputFiles } = buildSync({ ...optionsOf(program), write: false });
  const contents = outputFiles?.[0]?.contents ?? new Uint8Array();
  return {
    program,
    minifiedBytes: contents.length,
    gzipBytes: gzipSync(contents, { level: 9 }).length,
    parts: partsOf(program),
  };
}

function partsOf(program: string): readonly (readonly [string, number])[] {
  const alias = { godwit: join(sources, "index.ts"), "godwit/codegen/v1": join(sources, "codegen/v1.ts") };
  const { metafile } = buildSync({ ...optionsOf(program), write: false, metafile: true, alias });
  const sizes = new Map<string, number>();
  for (const [name, bytes] of inputsOf(metafile)) sizes.set(name, (sizes.get(name) ?? 0) + bytes);
  return [...sizes].filter(([, bytes]) => bytes > 0).sort((a, b) => b[1] - a[1]);
}

function inputsOf(metafile: Metafile | undefined): (readonly [string, number])[] {
  return Object.values(metafile?.outputs ?? {}).flatMap(({ inputs }) =>
    Object.entries(inputs).map(([path, { bytesInOutput }]) => [partOf(path), bytesInOutput] as const),
  );
}

/** The room of the runtime, the package, or what the program itself has: its generated code. */
export function partOf(path: string): string {
  const room = /runtime\/src\/([^/]+)\//.exec(path)?.[1];
  if (room !== undefined) return room;
  const name = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];
  if (name !== undefined) return name;
  return path.includes("/gen/") ? "the program's generated code" : "the program";
}
