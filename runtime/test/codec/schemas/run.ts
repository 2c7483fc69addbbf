/**
 * `npm run schemas [-- --only NAME] [--all] [--count N] [--seed S]`: real .proto trees through the generator, the type checker
 * and, a number of random messages for every type, through our codecs and protobuf-es.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { dropIncomplete } from "./copy-protos.js";
import { generate } from "./generate.js";
import { roundTrip } from "./round-trip.js";
import { hasGo, trees } from "./trees.js";

const { values: flags } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    all: { type: "boolean", default: false },
    count: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
  },
});
const root = fileURLToPath(new URL("..", import.meta.resolve("godwit/package.json")));
const cache = join(root, ".cache", "schemas");
const { only } = flags;
const chosen = trees.filter(({ name, isLarge }) => only?.includes(name) ?? (flags.all || !isLarge));
if (chosen.length === 0) throw new TypeError(`--only takes one of ${trees.map(({ name }) => name).join()}`);

for (const tree of chosen) {
  const started = performance.now();
  if (tree.needsGo && !hasGo()) {
    console.log(`${tree.name}: skipped, it comes from the Go module proxy and there is no go here`);
    continue;
  }
  const work = join(cache, tree.name);
  const protos = join(work, "proto");
  rmSync(protos, { recursive: true, force: true });
  tree.fetch(protos, cache);
  const { kept, dropped } = dropIncomplete(protos);
  const generated = generate(root, protos, work);
  const { compiled, delegated, tally } = await roundTrip(generated, Number(flags.seed), Number(flags.count));
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  const files = `${kept} files (${dropped} left out, whose imports no registry has)`;
  const types = `${compiled} message types compiled, ${delegated} left to protobuf-es`;
  console.log(`${tree.name}: ${files}, ${types}, ${tally.unmutated} messages equal both ways, ${seconds} s`);
}
