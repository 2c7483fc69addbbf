/** A process with one server: `server-main.js SUBJECT`. */
import { endWithParent, tellCpu, tellParent } from "./messages.js";
import { createGodwitServer } from "./subjects/godwit-server.js";
import { createGrpcJsServer } from "./subjects/grpc-js-server.js";

endWithParent();
const server = process.argv[2] === "godwit" ? createGodwitServer() : createGrpcJsServer();
// The one thing that it is ever asked.
process.on("message", tellCpu);
tellParent({ type: "listening", port: await server.listen() });
