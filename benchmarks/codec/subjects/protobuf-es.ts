import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { messageNames, sampleNames, samples } from "../sample-messages.js";
import type { MessageCodec, Subject } from "../subject.js";

export const subject: Subject = Object.fromEntries(
  sampleNames.map((name): [string, MessageCodec] => {
    const { desc } = samples[name];
    return [
      messageNames[name],
      { decode: (bytes) => fromBinary(desc, bytes), encode: (message) => toBinary(desc, message) },
    ];
  }),
);
