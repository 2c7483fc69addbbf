import type { DescFile, DescMethod } from "@bufbuild/protobuf";
import { GenerationError } from "./generation-error.js";
import { idempotencyName } from "./idempotency.js";
import { methodDefaults } from "./method-defaults.js";

/** What becomes of a .proto that is valid and looks like a mistake: told, refused, nothing. */
export type LintOption = "warn" | "error" | "off";

/** Tells whoever generates; one sentence. */
export type Warn = (sentence: string) => void;

/** Looks at the services of a file. Throws a GenerationError for what it finds with `error`. */
export function lintFile(file: DescFile, option: LintOption, warn: Warn): void {
  if (option === "off") return;
  for (const method of file.services.flatMap((service) => service.methods)) {
    const problem = unsafeRetry(method);
    if (problem === undefined) continue;
    const sentence = `${file.proto.name}: ${problem}`;
    if (option === "error") throw new GenerationError(sentence);
    warn(sentence);
  }
}

/** A handler that runs twice for one call is what a method of unknown idempotency must not risk unseen. */
function unsafeRetry(method: DescMethod): string | undefined {
  const { retry } = methodDefaults(method);
  if (retry === undefined || retry === false || idempotencyName(method) !== "IDEMPOTENCY_UNKNOWN") return undefined;
  const name = `${method.parent.typeName}.${method.name}`;
  return `method ${name} has a retry policy and no idempotency_level, so its handler may run twice for one call: expected IDEMPOTENT or NO_SIDE_EFFECTS (delivery/unsafe-retry; lint=off is silent)`;
}
