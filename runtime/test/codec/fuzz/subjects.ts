import { createRegistry, type DescMessage, type Message, type Registry } from "@bufbuild/protobuf";
import type { Codec } from "../../../src/rpc/codec.js";
import { CodecService } from "../../gen/godwit/testing/codec/v1/codec_service_godwit.js";

/** A message type, and the codec that a generated service has for it. */
export interface Subject {
  readonly desc: DescMessage;
  readonly codec: Codec<Message>;
}

/** What CodecService's methods take. */
export const subjects: readonly Subject[] = CodecService.methods.map(({ desc, requestCodec }) => {
  return { desc: desc.input, codec: requestCodec as Codec<Message> };
});

/** All types of the files that the subjects come from, extensions among them. */
export const registry: Registry = createRegistry(...new Set(subjects.map(({ desc }) => desc.file)));

export function subjectOf(typeName: string): Subject {
  const subject = subjects.find(({ desc }) => desc.typeName === typeName);
  if (subject === undefined) throw new Error(`CodecService has no method with ${typeName}`);
  return subject;
}
