/** The least that a server in plaintext is. */
import { createServer, insecureServer } from "godwit";
import { EchoService } from "../../../gen/godwit/testing/v1/echo_godwit.js";
import { echoHandlers } from "../../../macro/subjects/echo-handlers.js";
import { tell } from "./tell.js";

const imported = performance.now();
const server = createServer().add(EchoService, echoHandlers);
const { port } = await server.listen("127.0.0.1:0", { credentials: insecureServer() });
tell(imported, port);
