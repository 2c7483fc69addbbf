import { type ParseArgsConfig, parseArgs } from "node:util";
import { textOfThrown } from "../base/text-of-thrown.js";
import { UsageError } from "./command.js";

/** Node's parseArgs. Throws UsageError. */
export function parseFlags<Config extends ParseArgsConfig>(
  config: Config,
  args: readonly string[],
): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs<Config>({ ...config, args: [...args] });
  } catch (error) {
    // Node's first sentence says what is wrong, the others how to write a file whose name begins with a dash.
    const [sentence = ""] = textOfThrown(error).split(". ");
    throw new UsageError(sentence.replace(/\.$/, ""));
  }
}
