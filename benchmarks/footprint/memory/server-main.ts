/** A process with one server: `server-main.js SUBJECT`. */
import { endWithParent } from "../../macro/messages.js";
import { createGodwitServer } from "../../macro/subjects/godwit-server.js";
import { createGrpcJsServer } from "../../macro/subjects/grpc-js-server.js";
import type { SubjectServer } from "../../macro/subjects/subject.js";
import { answerWith, cpuAnswer, type ToProcess, tell } from "./messages.js";
import type { SubjectName } from "./plan.js";
import { readMemory } from "./reading.js";
import { createRawServer } from "./subjects/raw-net.js";

const servers: Readonly<Record<SubjectName, () => SubjectServer>> = {
  godwit: createGodwitServer,
  "grpc-js": createGrpcJsServer,
  "raw-net": createRawServer,
};

endWithParent();
answerWith<ToProcess>(async (question) =>
  question.type === "cpu" ? cpuAnswer() : { type: "memory", reading: await readMemory(question.settleMs) },
);
tell({ type: "listening", port: await servers[process.argv[2] as SubjectName]().listen() });
