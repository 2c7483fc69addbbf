import { randomBytes } from "node:crypto";
import { textOfThrown } from "../../base/text-of-thrown.js";
import { createRemoteSchema } from "../../services/reflection.js";
import { RemoteJson } from "../call/remote-json.js";
import { type Command, CommandError, type CommandOutput, UsageError } from "../command.js";
import { parseFlags } from "../parse-flags.js";
import { headersOf, millisOf, openTarget, type TargetValues, targetFlags, targetHelp } from "../target/target-flags.js";
import { processWorld, type World } from "../world.js";
import { Explorer } from "./explorer.js";
import { readPageFiles } from "./page-files.js";
import { WebServer } from "./web-server.js";

const help = `Usage: godwit explore ADDRESS [options]

Serves a page for this machine's browser until Ctrl-C, and prints its URL: the services of a server that has reflection, a form
for each method, calls of all four kinds, and charts of them. The URL has a secret in it: whoever has it calls as you do.

  godwit explore localhost:50051
  godwit explore shop.internal:443 -H 'authorization: Bearer …'

Options:
  --port NUMBER         of 127.0.0.1 (default: a free one)
${targetHelp("what the page offers as a deadline (default: none)")}
  -h, --help            prints this

--header goes with each call.`;

export const explore: Command = {
  name: "explore",
  summary: "serves a page on this machine from which a server's methods are called",
  help,
  run: (args, output) => runExplore(args, output),
};

const config = {
  options: { ...targetFlags, port: { type: "string", default: "0" } },
  strict: true,
  allowPositionals: true,
} as const;

/** The server's answers to what it has. */
const questionTimeoutMs = 10_000;

interface ExploreCommand {
  readonly target: string;
  readonly port: number;
  readonly values: TargetValues;
}

export function parseExplore(args: readonly string[]): ExploreCommand {
  const { values, positionals } = parseFlags(config, args);
  const [target, ...rest] = positionals;
  if (target === undefined || rest.length > 0) {
    throw new UsageError("expected one address: godwit explore localhost:50051");
  }
  const port = /^\d{1,5}$/.test(values.port) ? Number(values.port) : Number.NaN;
  if (!(port <= 65535)) throw new UsageError(`--port is ${JSON.stringify(values.port)}: expected 0 to 65535`);
  return { target, port, values };
}

/** @param pageFolder Where the files of the page lie: in the package, beside the program. */
export async function runExplore(
  args: readonly string[],
  output: CommandOutput,
  world: World = processWorld,
  pageFolder: URL = new URL("./explore/", import.meta.url),
): Promise<void> {
  const { target, port, values } = parseExplore(args);
  const headers = headersOf(values);
  const timeoutMs = millisOf("--timeout", values.timeout);
  const channel = openTarget(target, values, world);
  const schema = createRemoteSchema(channel, { metadata: headers, timeoutMs: questionTimeoutMs });
  const json = new RemoteJson(schema);
  const explorer = new Explorer({ target, channel, schema, json, world, headers, timeoutMs });
  const server = new WebServer(explorer, readPageFiles(pageFolder), randomBytes(18).toString("base64url"));
  try {
    const url = await server.listen(port).catch((error: unknown) => {
      throw new CommandError(`cannot listen: ${textOfThrown(error)}`);
    });
    const interrupted = new Promise<void>((resolve) => world.onInterrupt(resolve));
    output.print(`${target} is shown at ${url}\nCtrl-C ends`);
    await interrupted;
  } finally {
    await server.close();
    await channel.close();
  }
}
