/** Packages of exact versions, by the ordinary clients of their registries. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** @param specifier `name@version`. Returns the package's folder. */
export function npmPackage(specifier: string, cache: string): string {
  const at = specifier.lastIndexOf("@");
  const [name, version] = [specifier.slice(0, at), specifier.slice(at + 1)];
  const prefix = join(cache, "npm");
  const folder = join(prefix, "node_modules", name);
  const manifest = join(folder, "package.json");
  const isThere = existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).version === version;
  if (!isThere) {
    mkdirSync(prefix, { recursive: true });
    if (!existsSync(join(prefix, "package.json"))) writeFileSync(join(prefix, "package.json"), '{"private":true}\n');
    const options = ["--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"];
    execFileSync("npm", ["install", ...options, specifier], { cwd: prefix, stdio: "pipe" });
  }
  return folder;
}

/** @param specifier `path@version`. Returns the module's folder in the cache of the go command. */
export function goModule(specifier: string, cache: string): string {
  const folder = join(cache, "go");
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, "go.mod"))) writeFileSync(join(folder, "go.mod"), "module schemas\n");
  const json = execFileSync("go", ["mod", "download", "-json", specifier], { cwd: folder, encoding: "utf8" });
  return (JSON.parse(json) as { readonly Dir: string }).Dir;
}
