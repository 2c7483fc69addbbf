/** grpc-js without any protobuf: what it sends was encoded by hand. No program is like that; it is the least that grpc-js takes. */
import * as grpc from "@grpc/grpc-js";
import { pem, tell } from "./tell.js";

const imported = performance.now();
const roots = pem("ROOTS");
// It asks for the address by SNI, which RFC 6066 forbids and Node 26 refuses.
const options = roots === "" ? {} : { "grpc.ssl_target_name_override": "localhost" };
const credentials = roots === "" ? grpc.credentials.createInsecure() : grpc.credentials.createSsl(Buffer.from(roots));
const client = new grpc.Client(`127.0.0.1:${process.argv[2]}`, credentials, options);
const same = (bytes: Buffer): Buffer => bytes;
client.makeUnaryRequest("/godwit.testing.v1.EchoService/Unary", same, same, Buffer.from("\n\x05first"), (error) => {
  if (error !== null) throw error;
  tell(imported);
});
