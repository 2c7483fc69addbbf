/** A server in a thread of its own, as docs/concepts/more-cores.md has it. */
import { parentPort, threadId } from "node:worker_threads";
import { createServer } from "godwit";
import { EchoService } from "../../gen/godwit/testing/v1/echo_godwit.js";

const server = createServer();
server.addPartial(EchoService, { unary: () => ({ id: String(threadId) }) });
const { port } = await server.listen("127.0.0.1:0");
parentPort?.postMessage(port);
parentPort?.once("message", () => server.close());
