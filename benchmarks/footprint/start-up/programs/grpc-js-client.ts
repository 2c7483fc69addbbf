/** The least that a client of grpc-js is, over TLS where the run says so: `grpc-js-client.js PORT`. */
import * as grpc from "@grpc/grpc-js";
import { echoService, type UnaryMessage } from "../../../macro/subjects/grpc-js-echo.js";
import { pem, tell } from "./tell.js";

interface Echo {
  unary(request: UnaryMessage, callback: grpc.requestCallback<UnaryMessage>): void;
}

const imported = performance.now();
const roots = pem("ROOTS");
// It asks for the address by SNI, which RFC 6066 forbids and Node 26 refuses.
const options = roots === "" ? {} : { "grpc.ssl_target_name_override": "localhost" };
const credentials = roots === "" ? grpc.credentials.createInsecure() : grpc.credentials.createSsl(Buffer.from(roots));
const Client = grpc.makeGenericClientConstructor(echoService, "EchoService");
const client = new Client(`127.0.0.1:${process.argv[2]}`, credentials, options) as unknown as Echo;
client.unary({ id: "first", payload: new Uint8Array(0) }, (error) => {
  if (error !== null) throw error;
  tell(imported);
});
