import { UsageError } from "../command.js";
import { parseFlags } from "../parse-flags.js";
import { type TargetValues, targetFlags } from "../target/target-flags.js";

export interface CallCommand {
  readonly target: string;
  readonly service: string;
  readonly method: string;
  /** JSON, in the order given; undefined: from standard input. */
  readonly data: readonly string[] | undefined;
  readonly isVerbose: boolean;
  readonly values: TargetValues;
}

const config = {
  options: { ...targetFlags, verbose: { type: "boolean", short: "v", default: false } },
  strict: true,
  allowPositionals: true,
} as const;

/** Throws UsageError. */
export function parseCall(args: readonly string[]): CallCommand {
  const { values, positionals } = parseFlags(config, args);
  const [target, path, ...data] = positionals;
  if (target === undefined || path === undefined) {
    throw new UsageError("expected an address and a method: godwit call localhost:50051 shop.v1.ShopService/GetItem");
  }
  const match = /^\/?([\w.]+)[/.](\w+)$/.exec(path);
  if (match === null) {
    throw new UsageError(`the method is ${JSON.stringify(path)}: expected package.Service/Method`);
  }
  const [, service = "", method = ""] = match;
  const isFromInput = data.includes("-");
  if (isFromInput && data.length > 1)
    throw new UsageError("messages come from the command line or, with -, from standard input");
  return { target, service, method, data: isFromInput ? undefined : data, isVerbose: values.verbose, values };
}
