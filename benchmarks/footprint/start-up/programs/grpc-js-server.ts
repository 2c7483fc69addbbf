/** The least that a server of grpc-js is, over TLS where the run says so. */
import * as grpc from "@grpc/grpc-js";
import { echoService, type UnaryMessage } from "../../../macro/subjects/grpc-js-echo.js";
import { pem, tell } from "./tell.js";

const imported = performance.now();
const unary: grpc.handleUnaryCall<UnaryMessage, UnaryMessage> = ({ request }, callback) => callback(null, request);
const server = new grpc.Server();
server.addService({ unary: echoService.unary }, { unary });
const pair = { cert_chain: Buffer.from(pem("CERTIFICATE")), private_key: Buffer.from(pem("KEY")) };
const credentials =
  pem("KEY") === "" ? grpc.ServerCredentials.createInsecure() : grpc.ServerCredentials.createSsl(null, [pair]);
server.bindAsync("127.0.0.1:0", credentials, (error, port) => {
  if (error !== null) throw error;
  tell(imported, port);
});
