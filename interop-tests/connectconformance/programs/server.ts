/** The server under test: reads how to serve, serves, says where, until the runner ends it. */
import { create } from "@bufbuild/protobuf";
import { createServer } from "godwit";
import {
  ServerCompatRequestSchema,
  ServerCompatResponseSchema,
} from "../../gen/connectrpc/conformance/v1/server_compat_pb.js";
import { ConformanceService } from "../../gen/connectrpc/conformance/v1/service_godwit.js";
import { conformanceHandlers } from "../conformance-service.js";
import { encodeDelimited, readDelimited } from "../delimited.js";
import { messageTypes } from "../message-types.js";

for await (const request of readDelimited(process.stdin, ServerCompatRequestSchema)) {
  if (request.useTls) throw new Error("TLS is not supported");
  const server = createServer({
    compression: "gzip",
    jsonTypes: messageTypes,
    ...(request.messageReceiveLimit > 0 && { limits: { maxReceiveMessageBytes: request.messageReceiveLimit } }),
  });
  server.addPartial(ConformanceService, conformanceHandlers);
  const { port } = await server.listen("127.0.0.1:0");
  const response = create(ServerCompatResponseSchema, { host: "127.0.0.1", port });
  process.stdout.write(encodeDelimited(ServerCompatResponseSchema, response));
}
