/**
 * `npm run conformance:protobuf`: the conformance suite of protobuf with our codecs for binary messages. With `--plant`,
 * bugs are put into the codecs one by one instead, and each of them has to make it fail.
 */
import { parseArgs } from "node:util";
import { generate, notCompiled } from "./generate.js";
import { plant, plantedBugs } from "./planted-bugs.js";
import { runSuite } from "./suite-run.js";

function conform(): boolean {
  const gen = generate();
  const left = notCompiled(gen);
  if (left.length > 0) {
    console.log(`the plugin leaves messages to protobuf-es: ${left.join(", ")}`);
    return false;
  }
  const { passed, summary, output } = runSuite(gen);
  console.log(passed ? summary : `${output}\n${summary}\nthe conformance suite fails`);
  return passed;
}

function findPlantedBugs(): boolean {
  let missed = 0;
  for (const bug of plantedBugs) {
    const gen = generate();
    plant(gen, bug);
    const { failures } = runSuite(gen);
    console.log(`planted that ${bug.name}: ${failures} tests fail`);
    if (failures === 0) missed += 1;
  }
  return missed === 0;
}

const { values: flags } = parseArgs({ options: { plant: { type: "boolean", default: false } } });
process.exitCode = (flags.plant ? findPlantedBugs() : conform()) ? 0 : 1;
