/**
 * The server under test: reads how to serve, serves, says where, until the runner ends it. Its argument is the encoding of
 * responses for clients that take it.
 */
import { create } from "@bufbuild/protobuf";
import { createServer, insecureServer, type ServerCredentials, tlsServer } from "godwit";
import {
  type ServerCompatRequest,
  ServerCompatRequestSchema,
  ServerCompatResponseSchema,
} from "../../gen/connectrpc/conformance/v1/server_compat_pb.js";
import { ConformanceService } from "../../gen/connectrpc/conformance/v1/service_godwit.js";
import { conformanceHandlers } from "../conformance-service.js";
import { encodeDelimited, readDelimited } from "../delimited.js";
import { messageTypes } from "../message-types.js";

const [compression] = process.argv.slice(2);

for await (const request of readDelimited(process.stdin, ServerCompatRequestSchema)) {
  const server = createServer({
    compression,
    jsonTypes: messageTypes,
    ...(request.messageReceiveLimit > 0 && { limits: { maxReceiveMessageBytes: request.messageReceiveLimit } }),
  });
  server.addPartial(ConformanceService, conformanceHandlers);
  const { port } = await server.listen("127.0.0.1:0", { credentials: credentialsFor(request) });
  const pemCert = request.useTls ? request.serverCreds?.cert : undefined;
  const response = create(ServerCompatResponseSchema, { host: "127.0.0.1", port, ...(pemCert && { pemCert }) });
  process.stdout.write(encodeDelimited(ServerCompatResponseSchema, response));
}

/** TLS with the certificate that the runner has made; clients have to have one where it says which. */
function credentialsFor({ useTls, serverCreds, clientTlsCert }: ServerCompatRequest): ServerCredentials {
  if (!useTls) return insecureServer();
  if (serverCreds === undefined) throw new Error("TLS is wanted, and the request has no certificate for the server");
  return tlsServer({
    certificate: serverCreds.cert,
    key: serverCreds.key,
    ...(clientTlsCert.length > 0 && { clientRoots: clientTlsCert, clientCertificate: "require" }),
  });
}
