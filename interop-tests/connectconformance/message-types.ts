import { createRegistry } from "@bufbuild/protobuf";
import { file_google_protobuf_descriptor } from "@bufbuild/protobuf/wkt";
import { file_connectrpc_conformance_v1_service } from "../gen/connectrpc/conformance/v1/service_pb.js";

/** What the suite puts into a google.protobuf.Any. */
export const messageTypes = createRegistry(file_connectrpc_conformance_v1_service, file_google_protobuf_descriptor);
