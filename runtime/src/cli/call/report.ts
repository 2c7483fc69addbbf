import { fromBinary } from "@bufbuild/protobuf";
import { type Any, AnySchema } from "@bufbuild/protobuf/wkt";
import type { Peer } from "../../base/platform.js";
import { StatusSchema } from "../../gen/google/rpc/status_pb.js";
import type { Metadata } from "../../rpc/metadata.js";
import type { StatusError } from "../../rpc/status-error.js";
import { CommandError, type CommandOutput } from "../command.js";
import { plainText } from "../plain-text.js";
import type { RemoteJson } from "./remote-json.js";

/** One line for each; what is binary in base64. */
export function describeHeaders(kind: "header" | "trailer", metadata: Metadata): string[] {
  return [...metadata].map(([name, value]) => {
    return `${kind} ${name}: ${typeof value === "string" ? value : Buffer.from(value).toString("base64")}`;
  });
}

export function describeOutcome(answers: number, ms: number, peer: Peer | undefined): string {
  const messages = answers === 1 ? "1 message" : `${answers} messages`;
  return `OK, ${messages} in ${Math.round(ms)} ms${peer === undefined ? "" : ` (${peer.address})`}`;
}

/** Tells the details of an error, and returns what ends the command: with the number of its status. */
export async function explain(error: StatusError, json: RemoteJson, output: CommandOutput): Promise<CommandError> {
  for (const detail of detailsOf(error)) output.complain(`detail ${await describeDetail(detail, json)}`);
  return new CommandError(plainText(error.message), error.code);
}

/** A peer's bytes: what is malformed is none. */
function detailsOf({ details }: StatusError): readonly Any[] {
  if (details === undefined) return [];
  try {
    return fromBinary(StatusSchema, details).details;
  } catch {
    return [];
  }
}

async function describeDetail(detail: Any, json: RemoteJson): Promise<string> {
  try {
    return await json.print(AnySchema, detail, 0);
  } catch {
    return `${plainText(detail.typeUrl)} (${detail.value.length} bytes, of a type that the server does not tell of)`;
  }
}
