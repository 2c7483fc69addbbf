/** The same over TLS. */
import { createServer, tlsServer } from "godwit";
import { EchoService } from "../../../gen/godwit/testing/v1/echo_godwit.js";
import { echoHandlers } from "../../../macro/subjects/echo-handlers.js";
import { pem, tell } from "./tell.js";

const imported = performance.now();
const server = createServer().add(EchoService, echoHandlers);
const credentials = tlsServer({ certificate: pem("CERTIFICATE"), key: pem("KEY") });
const { port } = await server.listen("127.0.0.1:0", { credentials });
tell(imported, port);
