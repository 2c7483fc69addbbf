/** Compiles programs in Go, at the versions that their go.mod and go.sum name, into a folder that git ignores. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));

export class GoProgram {
  /** Where go.mod lies. */
  readonly sources: string;
  readonly #binary: string;
  readonly #stamp: string;

  /** @param sources below interop-tests/. @param name of the binary, and of its folder below .cache/. */
  constructor(sources: string, name: string) {
    this.sources = `${root}interop-tests/${sources}`;
    this.#binary = `${root}.cache/${name}/${name}`;
    this.#stamp = `${root}.cache/${name}/built-from`;
  }

  /** The binary, if it has been built from what is there now. */
  get built(): string | undefined {
    const isCurrent = existsSync(this.#stamp) && readFileSync(this.#stamp, "utf8") === this.#digest();
    return isCurrent ? this.#binary : undefined;
  }

  /** Builds what is not built yet. Throws a sentence when there is no Go compiler, or it fails. */
  build(): string {
    const built = this.built;
    if (built !== undefined) return built;
    this.go(["build", "-mod=readonly", "-buildvcs=false", "-o", this.#binary, "."]);
    writeFileSync(this.#stamp, this.#digest());
    return this.#binary;
  }

  /** The folder of a module that the program is built from. */
  moduleFolder(path: string): string {
    return this.go(["list", "-mod=readonly", "-m", "-f", "{{.Dir}}", path]).trim();
  }

  go(args: readonly string[]): string {
    const { error, status, stdout, stderr } = spawnSync("go", args, { cwd: this.sources, encoding: "utf8" });
    if ((error as NodeJS.ErrnoException | undefined)?.code === "ENOENT") {
      throw new Error("there is no `go`: install Go 1.26 or newer");
    }
    if (status !== 0) throw new Error(`go ${args.join(" ")} failed: ${error?.message ?? stderr}`);
    return stdout;
  }

  #digest(): string {
    const hash = createHash("sha256");
    for (const name of readdirSync(this.sources).sort()) hash.update(readFileSync(`${this.sources}/${name}`));
    return hash.digest("hex");
  }
}
