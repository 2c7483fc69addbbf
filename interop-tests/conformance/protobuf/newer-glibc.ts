/**
 * The runner is a binary that wants glibc 2.38, and a system may well have an older one. Debian's next release has it:
 * its packages are unpacked into the cache and their loader starts the runner. Nothing of the system is touched.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cache, suite } from "./folders.js";

const release = "trixie";
const packages = ["libc6", "libstdc++6", "libgcc-s1"];
const keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

/** The command line that starts the runner on this machine. Throws where there is none. */
export function runnerCommand(): readonly string[] {
  const architecture = process.platform === "darwin" ? "x64" : process.arch;
  const binary = join(suite, "bin", `conformance_test_runner-${process.platform}-${architecture}`);
  if (!existsSync(binary)) throw new Error(`the suite has no runner for ${process.platform}-${process.arch}`);
  const probe = spawnSync(binary, ["--help"], { encoding: "utf8" });
  if (!/version `GLIBC\w*_[\d.]+' not found/.test(probe.stderr)) return [binary];
  const libraries = newerLibraries();
  return [join(libraries, "ld-linux-x86-64.so.2"), "--library-path", libraries, binary];
}

function newerLibraries(): string {
  const folder = join(cache, "glibc");
  const libraries = join(folder, "usr", "lib", "x86_64-linux-gnu");
  if (existsSync(libraries)) return libraries;
  const work = `${folder}.part`;
  rmSync(work, { recursive: true, force: true });
  for (const each of ["lists/partial", "archives/partial", "root"]) mkdirSync(join(work, each), { recursive: true });
  writeFileSync(join(work, "status"), "");
  writeFileSync(join(work, "sources.list"), `deb [signed-by=${keyring}] ${debianArchive()} ${release} main\n`);
  const apt = (...args: string[]) =>
    execFileSync("apt-get", [...optionsOf(work), ...args], { cwd: work, stdio: "pipe" });
  apt("update");
  apt("download", ...packages);
  for (const file of readdirSync(work).filter((name) => name.endsWith(".deb"))) {
    execFileSync("dpkg-deb", ["-x", file, "root"], { cwd: work });
  }
  renameSync(join(work, "root"), folder);
  rmSync(work, { recursive: true, force: true });
  return libraries;
}

/** Where this machine gets its own packages from. */
function debianArchive(): string {
  const format = [
    "indextargets",
    "--format",
    "$(REPO_URI)",
    "Created-By: Packages",
    "Origin: Debian",
    "Component: main",
  ];
  const [archive] = execFileSync("apt-get", format, { encoding: "utf8" })
    .split("\n")
    .filter((uri) => /\/debian\/?$/.test(uri));
  if (archive === undefined)
    throw new Error("the runner needs glibc 2.38, and apt-get knows no Debian archive to get it from");
  return archive;
}

function optionsOf(work: string): string[] {
  const options = {
    "Dir::Etc::SourceList": join(work, "sources.list"),
    "Dir::Etc::SourceParts": "-",
    "Dir::State::Lists": join(work, "lists"),
    "Dir::State::status": join(work, "status"),
    "Dir::Cache": work,
    // Else apt drops its rights and may not write here.
    "APT::Sandbox::User": "root",
  };
  return Object.entries(options).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
}
