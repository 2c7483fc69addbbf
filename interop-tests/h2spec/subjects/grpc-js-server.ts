/** EchoService on a server of grpc-js, for comparison. */
import { startGrpcJsServer } from "../../grpc-js/grpc-js-server.js";

const { port } = await startGrpcJsServer();
console.log(port);
