/** Decides, for all files of a run at once, which messages get compiled codecs and where those are. */
import type { DescFile, DescMessage } from "@bufbuild/protobuf";
import { nestedTypes } from "@bufbuild/protobuf/reflect";
import { Edition } from "@bufbuild/protobuf/wkt";
import type { CodecOption } from "../../options.js";
import { wellKnownOf } from "./well-known.js";

export interface CodecPlan {
  /** Nothing has a codec. */
  readonly isOff: boolean;
  /** Whether this run writes a codec for a message. */
  has(message: DescMessage): boolean;
  /** Messages whose codecs a file brings, in the order of the .proto. */
  codecsOf(file: DescFile): readonly DescMessage[];
}

/** Editions whose features are all known here. */
const editions: ReadonlySet<Edition> = new Set([
  Edition.EDITION_PROTO2,
  Edition.EDITION_PROTO3,
  Edition.EDITION_2023,
  Edition.EDITION_2024,
  Edition.EDITION_2026,
]);

export function planCodecs(files: readonly DescFile[], option: CodecOption): CodecPlan {
  const compiled = new Set(
    [...wanted(files, option)].filter((message) => files.includes(message.file) && isKnown(message)),
  );
  return {
    isOff: option === "none",
    has: (message) => compiled.has(message),
    codecsOf: (file) => messagesIn(file).filter((message) => compiled.has(message)),
  };
}

function wanted(files: readonly DescFile[], option: CodecOption): Set<DescMessage> {
  switch (option) {
    case "none":
      return new Set();
    case "all":
      return allMessages(files);
    case "rpc":
      return reached(files);
  }
}

function allMessages(files: readonly DescFile[]): Set<DescMessage> {
  return new Set(files.flatMap((file) => messagesIn(file)));
}

/** What the methods of all services take and give, and the messages in it. */
function reached(files: readonly DescFile[]): Set<DescMessage> {
  const found = new Set<DescMessage>();
  const waiting = files.flatMap((file) =>
    file.services.flatMap((service) => service.methods.flatMap((method) => [method.input, method.output])),
  );
  for (let message = waiting.pop(); message !== undefined; message = waiting.pop()) {
    if (found.has(message)) continue;
    found.add(message);
    for (const field of message.fields) {
      if (field.message !== undefined) waiting.push(field.message);
    }
  }
  return found;
}

function messagesIn(file: DescFile): DescMessage[] {
  return [...nestedTypes(file)].filter((type) => type.kind === "message");
}

/** Whether all that a message is made of is known here; what is not stays with protobuf-es. */
function isKnown(message: DescMessage): boolean {
  return editions.has(message.file.edition) && wellKnownOf(message) === undefined;
}
