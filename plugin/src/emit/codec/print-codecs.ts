import type { DescMessage } from "@bufbuild/protobuf";
import { shortDoc } from "../../comments.js";
import { type CodecFile, codecFunctions, codecNames } from "./codec-file.js";
import { printDecoder } from "./decode.js";
import { printEncoder } from "./encode.js";
import { printCreate } from "./message-shape.js";

/** Says at the head of a file what in it is slower than it could be. */
export function printForeign(file: CodecFile): void {
  const { f, plan } = file;
  const foreign = plan.isOff ? [] : foreignMessages(file);
  if (foreign.length === 0) return;
  f.print("// protobuf-es reads and writes these messages, for which this run generates no codec:");
  for (const message of foreign) f.print("//   ", message.typeName, " (", message.file.proto.name, ")");
  f.print();
}

/** Messages without a codec that the file's methods and codecs use, by name. */
function foreignMessages(file: CodecFile): DescMessage[] {
  const { desc, plan } = file;
  const methods = desc.services.flatMap((service) => service.methods);
  const fields = plan.codecsOf(desc).flatMap((message) => message.fields);
  const used = new Set([
    ...methods.flatMap(({ input, output }) => [input, output]),
    ...fields.flatMap(({ message }) => (message === undefined ? [] : [message])),
  ]);
  return [...used]
    .filter((message) => codecFunctions(file, message) === undefined)
    .sort((a, b) => (a.typeName < b.typeName ? -1 : 1));
}

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
