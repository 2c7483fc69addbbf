/** Metadata as the suite writes it: names with their values, those of `-bin` names in base64. */
import { Metadata } from "godwit";
import type { Header } from "../gen/connectrpc/conformance/v1/service_pb.js";

/** Throws TypeError for what cannot be sent. */
export function toMetadata(headers: readonly Header[]): Metadata {
  const metadata = new Metadata();
  for (const { name, value: values } of headers) {
    const isBinary = name.toLowerCase().endsWith("-bin");
    for (const value of values) metadata.append(name, isBinary ? Buffer.from(value, "base64") : value);
  }
  return metadata;
}

export function fromMetadata(metadata: Metadata): Pick<Header, "name" | "value">[] {
  return Object.entries(metadata.toJSON()).map(([name, value]) => ({ name, value }));
}
