import { type Direction, directions, type Results } from "./results.js";
import { type SampleName, sampleNames } from "./sample-messages.js";

/** How many times faster than protobuf-es the codecs have to be, in the geometric mean. */
const targets: Readonly<Record<Direction, number>> = { encode: 3.5, decode: 2.5 };

/**
 * Nothing of a large message is copied when it is encoded into an arena, and protobuf-es copies it twice: a ratio in the
 * hundreds would lift any mean. The mean without it has to do as well.
 */
const withoutLarge: readonly SampleName[] = ["large"];

/** What the figures fall short of, a sentence each. `godwit` is judged as it is used: with its bytes in the arena. */
export function shortfalls(results: Results): string[] {
  const found: string[] = [];
  for (const direction of directions) {
    for (const without of [[], withoutLarge]) {
      const mean = results.geometricMean("godwit", direction, without);
      if (mean >= targets[direction]) continue;
      const which = without.length === 0 ? "" : ` without ${without.join()}`;
      found.push(
        `${direction}${which}: ${mean.toFixed(2)} x protobuf-es in the geometric mean, wanted ${targets[direction]} x`,
      );
    }
    for (const sample of sampleNames) {
      const [own, other] = [results.ns("godwit", sample, direction), results.ns("protobufjs", sample, direction)];
      if (own === undefined || other === undefined || own <= other) continue;
      found.push(`${direction} ${sample}: ${own.toFixed(0)} ns, protobufjs ${other.toFixed(0)} ns`);
    }
  }
  return found;
}
