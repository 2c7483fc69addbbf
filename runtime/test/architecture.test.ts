/** Holds the floors of docs/ARCHITECTURE.md: what a file may import, how long it may be, and what it may not touch. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const runtime = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const source = join(runtime, "src");

/** A file imports its own room or a room on a lower floor. Rooms that are not built yet have their floor all the same. */
const floors: Readonly<Record<string, number>> = {
  gen: 0,
  base: 0,
  hpack: 1,
  rpc: 1,
  telemetry: 1,
  http2: 2,
  "service-config": 2,
  codec: 2,
  interceptor: 2,
  wire: 3,
  credentials: 3,
  resolver: 3,
  net: 4,
  balancer: 4,
  retry: 4,
  authz: 4,
  transport: 5,
  channel: 6,
  server: 6,
  stub: 7,
  services: 8,
  testing: 8,
  jwt: 8,
  opentelemetry: 8,
  binarylog: 8,
  cluster: 8,
  cli: 9,
  codegen: 9,
  ".": 10,
};

/** Rooms that prove that what users have suffices: they stand on index.ts, and nothing stands on them. */
const outsiders = new Set(["services", "testing", "jwt", "opentelemetry", "binarylog", "cluster"]);

/** Optional peer dependencies, each with the one file that imports it, on first use. */
const optionalPackages: Readonly<Record<string, readonly string[]>> = {
  "jwt/load-jose.ts": ["jose"],
  "cli/dev-certs/x509.ts": ["pkijs", "asn1js"],
};

/** Optional peer dependencies that a whole room speaks: nobody imports it without them. */
const packagesOfRooms: Readonly<Record<string, string>> = { opentelemetry: "@opentelemetry/api" };

/** Longer than 400 lines for a reason. */
const longFiles: Readonly<Record<string, string>> = {};

/** A clock, a die or a timer: they come in through Platform. */
const worldly =
  /\b(Date\.now|performance\.now|Math\.random|setTimeout|setInterval|setImmediate|queueMicrotask|process\.nextTick)\b/;
/** `opentelemetry` stands outside, like an application: its SDK has a clock of its own, too. */
const worldlyRooms = new Set(["net", "opentelemetry", "binarylog", "cluster", "cli", "."]);

/** Rooms that import node: modules: the door to the world, and those on top that are about processes, which nothing imports. */
const nodeRooms = new Set(["net", "cluster", "cli"]);

interface SourceFile {
  readonly path: string;
  readonly room: string;
  readonly text: string;
  readonly code: string;
  readonly imports: readonly string[];
}

function roomOf(path: string): string {
  const parts = path.split(sep);
  return parts.length === 1 ? "." : (parts[0] as string);
}

/** The text without comments and with string contents kept: enough of a lexer to find imports and words of code. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|(^|[^:"'`])\/\/.*$/gm, (_match, before: string | undefined) => before ?? "");
}

function withoutStrings(code: string): string {
  return code.replace(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g, '""');
}

function importsOf(code: string): string[] {
  const found: string[] = [];
  const pattern = /(?:^(?:import|export)\b[^;"']*?\bfrom\s*|^import\s*|\bimport\(\s*)["']([^"']+)["']/gm;
  for (const match of code.matchAll(pattern)) found.push(match[1] as string);
  return found;
}

function readSources(): SourceFile[] {
  const files: SourceFile[] = [];
  for (const entry of readdirSync(source, { recursive: true, encoding: "utf8" })) {
    if (!entry.endsWith(".ts") || entry.startsWith(`gen${sep}`)) continue;
    const text = readFileSync(join(source, entry), "utf8");
    const code = withoutComments(text);
    files.push({ path: entry, room: roomOf(entry), text, code: withoutStrings(code), imports: importsOf(code) });
  }
  return files;
}

const files = readSources();

/** Path of what a relative import names, below src. */
function target(file: SourceFile, specifier: string): string {
  return normalize(join(dirname(file.path), specifier)).replace(/\.js$/, ".ts");
}

/** Whether a file of an outsiders' room imports what a user cannot. */
function isInside(file: SourceFile, imported: string): boolean {
  return imported !== "index.ts" && roomOf(imported) !== "gen" && roomOf(imported) !== file.room;
}

function offenders(check: (file: SourceFile) => readonly string[]): string[] {
  return files.flatMap((file) => check(file).map((what) => `${file.path}: ${what}`));
}

describe("architecture", () => {
  it("reads the sources", () => {
    assert.ok(files.length > 50, `found ${files.length} files below ${relative(process.cwd(), source)}`);
    assert.deepEqual(importsOf(`import { a } from "./a.js";\nimport "./b.js";\nawait import("./c.js")`), [
      "./a.js",
      "./b.js",
      "./c.js",
    ]);
  });

  it("gives every room a floor", () => {
    const rooms = new Set(files.map((file) => file.room));
    assert.deepEqual(
      [...rooms].filter((room) => floors[room] === undefined),
      [],
    );
  });

  it("imports the own room or a lower floor, types included", () => {
    assert.deepEqual(
      offenders((file) =>
        file.imports
          .filter((specifier) => specifier.startsWith("."))
          .map((specifier) => roomOf(target(file, specifier)))
          .filter(
            (room) =>
              !outsiders.has(file.room) &&
              room !== file.room &&
              !((floors[room] ?? 99) < (floors[file.room] as number)),
          )
          .map((room) => `imports ${room}, which is not below ${file.room}`),
      ),
      [],
    );
  });

  it("gives services, testing and jwt what a user has: index.ts, and messages", () => {
    assert.deepEqual(
      offenders((file) =>
        file.imports
          .filter((specifier) => specifier.startsWith("."))
          .map((specifier) => target(file, specifier))
          .filter((path) => (outsiders.has(file.room) ? isInside(file, path) : path === "index.ts"))
          .map((path) => `imports ${path}`),
      ),
      [],
    );
  });

  it("has no import cycles", () => {
    const graph = new Map(
      files.map((file) => [
        file.path,
        file.imports.filter((specifier) => specifier.startsWith(".")).map((specifier) => target(file, specifier)),
      ]),
    );
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      const at = trail.indexOf(path);
      if (at >= 0) cycles.push([...trail.slice(at), path].join(" → "));
      if (at >= 0 || done.has(path)) return;
      for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
      done.add(path);
    };
    for (const path of graph.keys()) visit(path, []);
    assert.deepEqual(cycles, []);
  });

  it("imports node: modules in net/, cluster/ and cli/ alone, and node:http2 nowhere", () => {
    assert.deepEqual(
      offenders((file) =>
        file.imports.filter((name) => name.startsWith("node:") && (!nodeRooms.has(file.room) || name === "node:http2")),
      ),
      [],
    );
  });

  it("imports no package but @bufbuild/protobuf, and optional ones in their one place", () => {
    assert.deepEqual(
      offenders((file) =>
        file.imports.filter(
          (name) =>
            !/^(\.|node:)/.test(name) &&
            !/^@bufbuild\/protobuf(\/|$)/.test(name) &&
            optionalPackages[file.path]?.includes(name) !== true &&
            name !== packagesOfRooms[file.room],
        ),
      ),
      [],
    );
  });

  it("has no clock, no dice and no timers outside net/", () => {
    assert.deepEqual(
      offenders((file) => {
        const match = worldlyRooms.has(file.room) ? null : worldly.exec(file.code);
        return match === null ? [] : [match[0]];
      }),
      [],
    );
  });

  it("R88 protobufjs CVE-2026-41242, CVE-2026-44291, CVE-2026-44293, CVE-2026-44294: evaluates no code", () => {
    assert.deepEqual(
      offenders((file) => (/\bnew Function\b|\beval\(/.test(file.code) ? ["evaluates code"] : [])),
      [],
    );
  });

  it("keeps files within 400 lines", () => {
    assert.deepEqual(
      offenders((file) => {
        const lines = file.text.split("\n").length;
        return lines > 401 && longFiles[file.path] === undefined ? [`${lines} lines`] : [];
      }),
      [],
    );
  });

  it("has no room of odds and ends", () => {
    assert.deepEqual(
      files.map((file) => file.path).filter((path) => /(^|[\\/])(utils?|helpers?|common|types)(\.ts|[\\/])/.test(path)),
      [],
    );
  });
});
