/** A server whose handlers never answer; it measures when their signals abort. `lateness` as a message asks for what it saw. */
import { performance } from "node:perf_hooks";
import { createServer } from "godwit";
import { EchoService } from "../gen/godwit/testing/v1/echo_godwit.js";
import { latenessOf } from "./lateness.js";

const late: number[] = [];
const server = createServer().addPartial(EchoService, {
  unary: (_, { deadline, signal }) =>
    new Promise((resolve) => {
      signal.addEventListener("abort", () => {
        late.push(performance.now() - deadline);
        resolve({});
      });
    }),
});
const { port } = await server.listen("127.0.0.1:0");

process.on("message", () => process.send?.(latenessOf(late.splice(0))));
process.on("disconnect", () => process.exit());
process.send?.(port);
