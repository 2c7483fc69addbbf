import { textOfThrown } from "../base/text-of-thrown.js";
import { type Command, CommandError, type CommandOutput, UsageError } from "./command.js";

/** Runs one command line. Returns the exit code: 0, 1 or what the error says when it could not be done, 2 when it makes no sense. */
export async function runProgram(
  args: readonly string[],
  commands: readonly Command[],
  version: string,
  output: CommandOutput,
): Promise<number> {
  const [name, ...rest] = args;
  if (name === "--help" || name === "-h" || name === "help") return printed(output, helpOf(commands, version));
  if (name === "--version" || name === "-v") return printed(output, `godwit ${version}`);
  if (name === undefined) {
    output.complain(helpOf(commands, version));
    return 2;
  }
  const command = commands.find((each) => each.name === name);
  if (command === undefined) {
    const names = commands.map((each) => each.name).join(", ");
    output.complain(`godwit: there is no command ${JSON.stringify(name)}; there are: ${names}`);
    return 2;
  }
  if (rest.includes("--help") || rest.includes("-h")) return printed(output, command.help);
  try {
    await command.run(rest, output);
    return 0;
  } catch (error) {
    output.complain(`godwit ${name}: ${textOfThrown(error)}`);
    if (error instanceof UsageError) return 2;
    // A fault of ours: whoever reports it needs to say where.
    if (!(error instanceof CommandError) && error instanceof Error) output.complain(error.stack ?? "");
    return error instanceof CommandError ? error.exitCode : 1;
  }
}

function printed(output: CommandOutput, text: string): number {
  output.print(text);
  return 0;
}

function helpOf(commands: readonly Command[], version: string): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `godwit ${version}: gRPC for TypeScript.

Usage: godwit <command> [options]

Commands:
${lines.join("\n")}

godwit <command> --help says more of one. Flags:
  -h, --help     prints this
  -v, --version  prints the version`;
}
