/** The server of a soak: `server-main.js [plant]`, where `plant` makes it leak, to see that this is found. */
import { createServer, type HandlerContext, type Server } from "godwit";
import { EchoService } from "../../gen/godwit/testing/v1/echo_godwit.js";
import { echoHandlers } from "../../macro/subjects/echo-handlers.js";
import type { FromServer, ToServer } from "../messages.js";
import { Tally } from "../tally.js";
import { answerParent, tellParent } from "./answering.js";
import { OpenSockets } from "./open-sockets.js";
import { sampleProcess } from "./process-sample.js";

const kept: HandlerContext[] = [];
const leaks = process.argv[2] === "plant";
const tally = new Tally();
const sockets = new OpenSockets("server");
let server: Server = createEchoServer();

/** No handler throws by itself, and that a client has gone is no error. */
function createEchoServer(): Server {
  return createServer({ onError: (error) => tally.fail(`a handler threw ${String(error)}`) }).add(EchoService, {
    ...echoHandlers,
    unary: (request, context) => {
      if (leaks) kept.push(context);
      return echoHandlers.unary(request);
    },
  });
}

async function restart(port: number): Promise<void> {
  await server.close({ graceMs: 0 });
  server = createEchoServer();
  await server.listen(`127.0.0.1:${port}`);
}

const { port } = await server.listen("127.0.0.1:0");
answerParent<ToServer, FromServer>(async (question) => {
  switch (question.type) {
    case "reset":
      sockets.resetAll();
      return { type: "done" };
    case "restart":
      await restart(port);
      return { type: "done" };
    case "tally":
      return { type: "tally", tally: tally.record };
    case "sample":
      return { type: "sample", sample: await sampleProcess(question.census) };
    case "close":
      await server.close({ graceMs: 0 });
      return { type: "sample", sample: await sampleProcess(true) };
  }
});
tellParent({ type: "listening", port });
