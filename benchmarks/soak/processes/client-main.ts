/** The client of a soak: `client-main.js PORT`. */
import { Reconnecting } from "../loads/reconnect-load.js";
import { runStreams } from "../loads/stream-load.js";
import { runUnary } from "../loads/unary-load.js";
import type { FromClient, ToClient } from "../messages.js";
import { Tally } from "../tally.js";
import { answerParent, tellParent } from "./answering.js";
import { OpenSockets } from "./open-sockets.js";
import { sampleProcess } from "./process-sample.js";

const tally = new Tally();
const connection = new Reconnecting(Number(process.argv[2]), new OpenSockets("client"), tally);

answerParent<ToClient, FromClient>(async (question) => {
  switch (question.type) {
    case "unary":
      await runUnary(connection.echo, question.count, tally);
      return { type: "done" };
    case "streams":
      await runStreams(connection.echo, question.count, tally);
      return { type: "done" };
    case "hold":
      await connection.hold();
      return { type: "done" };
    case "reconnect":
      await connection.reconnect(question.way);
      return { type: "done" };
    case "tally":
      return { type: "tally", tally: tally.record };
    case "sample":
      return { type: "sample", sample: await sampleProcess(question.census) };
    case "close":
      await connection.close();
      return { type: "sample", sample: await sampleProcess(true) };
  }
});
tellParent({ type: "ready" });
