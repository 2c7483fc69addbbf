/** A program that makes one message of its own schema, and calls nobody: the part of a start that is protobuf-es's. */
import { create } from "@bufbuild/protobuf";
import { UnaryRequestSchema } from "../../../gen/godwit/testing/v1/echo_pb.js";
import { tell } from "./tell.js";

const imported = performance.now();
create(UnaryRequestSchema, { id: "first" });
tell(imported);
