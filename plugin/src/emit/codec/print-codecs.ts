import { shortDoc } from "../../comments.js";
import { type CodecFile, codecNames } from "./codec-file.js";
import { printDecoder } from "./decode.js";
import { printEncoder } from "./encode.js";
import { printCreate } from "./message-shape.js";

/** Prints the codecs of a file's messages: two functions each, which other files of the run import. */
export function printCodecs(file: CodecFile): void {
  const { f, desc, target, plan } = file;
  for (const message of plan.codecsOf(desc)) {
    if (target === "dts") {
      const { encode, decode } = codecNames(f, message);
      const shape = f.importShape(message);
      f.print(shortDoc(`Compiled codec of ${message.typeName}.`));
      f.print(f.export("declare function", encode), "(m: ", shape, ", w: ", file.runtimeType("ByteSink"), "): void;");
      f.print(
        ...[f.export("declare function", decode), "(r: ", file.runtimeType("WireReader")],
        ...[", end: number, stop: number, target?: ", shape, "): ", shape, ";"],
      );
      f.print();
      continue;
    }
    printCreate(file, message);
    f.print(shortDoc(`Compiled codec of ${message.typeName}.`));
    printEncoder(file, message);
    printDecoder(file, message);
  }
}
