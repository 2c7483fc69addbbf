import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { textOfThrown } from "../../base/text-of-thrown.js";
import { type Command, CommandError, type CommandOutput } from "../command.js";
import type { DevAuthority } from "./authority.js";
import { codeLines } from "./code-lines.js";
import { existing, type OutputFile, writeFiles } from "./key-files.js";
import { type DevCertsOptions, parseOptions } from "./options.js";

const help = `Usage: godwit dev-certs [options]

Makes an authority for development and what a server needs to prove its name, in PEM files. An authority that is in the
folder already signs again. For tests and a developer's machine: whoever has ca.key can be anyone to those who trust
ca.crt.

Options:
  --out DIR      folder for the files, made where there is none (default: certs)
  --host NAME    name or IP address of the server, beside localhost, 127.0.0.1 and ::1; may be given again
  --client NAME  makes a client's certificate as well, for mutual TLS: a name, or a URI such as spiffe://dev.internal/shop
  --days N       how long the certificates hold, 1 to 3650 (default: 365); the authority holds ten years
  --force        puts new files in the place of server.* and client.*
  -h, --help     prints this`;

export const devCerts: Command = {
  name: "dev-certs",
  summary: "makes a local authority and certificates for development",
  help,
  run: (args, output) => runDevCerts(args, output),
};

/** @param load Imports what makes certificates: its packages are optional peers. @param now Of the wall clock. */
export async function runDevCerts(
  args: readonly string[],
  output: CommandOutput,
  load: () => Promise<{ readonly DevAuthority: typeof DevAuthority }> = () => import("./authority.js"),
  now: Date = new Date(),
): Promise<void> {
  const options = parseOptions(args);
  const { folder, hosts, client, days } = options;
  const leaves = client === undefined ? ["server"] : ["server", "client"];
  await refuseOverwriting(options, leaves);
  const { DevAuthority } = await loaded(load);
  const before = await readAuthority(folder);
  const authority =
    before === undefined ? DevAuthority.create(now) : DevAuthority.read(before, join(folder, "ca.crt"), now);
  const server = authority.issueServer(hosts, days, now);
  const files = [
    ...(before === undefined ? pairFiles(folder, "ca", authority.pair) : []),
    ...pairFiles(folder, "server", server),
    ...(client === undefined ? [] : pairFiles(folder, "client", authority.issueClient(client, days, now))),
    ...(await ignoreFile(folder)),
  ];
  await writeFiles(files);
  output.print(`wrote ${files.map(({ path }) => path).join(", ")}`);
  output.print(
    `for ${hosts.join(", ")}${client === undefined ? "" : ` and the client ${client}`}, until ${server.validTo.toISOString().slice(0, 10)}`,
  );
  output.print(codeLines(folder, client !== undefined));
}

async function refuseOverwriting({ folder, overwrites }: DevCertsOptions, names: readonly string[]): Promise<void> {
  if (overwrites) return;
  const paths = names.flatMap((name) => [join(folder, `${name}.crt`), join(folder, `${name}.key`)]);
  const [found] = await existing(paths);
  if (found !== undefined) throw new CommandError(`${found} is there already: --force puts a new one in its place`);
}

async function loaded(load: () => Promise<{ readonly DevAuthority: typeof DevAuthority }>) {
  try {
    return await load();
  } catch (error) {
    const install = "npm install --save-dev pkijs@4 asn1js@4";
    if (error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND") {
      throw new CommandError(
        `certificates are made by the packages pkijs and asn1js, which are not installed: ${install}`,
      );
    }
    throw error;
  }
}

/** Undefined when there is none. */
async function readAuthority(folder: string): Promise<{ certificate: string; key: string } | undefined> {
  const paths = [join(folder, "ca.crt"), join(folder, "ca.key")];
  const found = await existing(paths);
  if (found.length === 0) return undefined;
  if (found.length === 1)
    throw new CommandError(`${found[0]} is there without its other half: remove it, or bring that`);
  try {
    const [certificate = "", key = ""] = await Promise.all(paths.map((path) => readFile(path, "utf8")));
    return { certificate, key };
  } catch (error) {
    throw new CommandError(`cannot read the authority in ${folder}: ${textOfThrown(error)}`);
  }
}

function pairFiles(folder: string, name: string, pair: { certificate: string; key: string }): OutputFile[] {
  return [
    { path: join(folder, `${name}.crt`), content: pair.certificate, isSecret: false },
    { path: join(folder, `${name}.key`), content: pair.key, isSecret: true },
  ];
}

/** Keys are committed by mistake: git leaves alone what is in a folder that says so. */
async function ignoreFile(folder: string): Promise<OutputFile[]> {
  const path = join(folder, ".gitignore");
  const isThere = (await existing([path])).length > 0;
  return isThere ? [] : [{ path, content: "*\n", isSecret: false }];
}
