/** A process with clients that do what they are told: `client-main.js SUBJECT PORT`. */
import { endWithParent } from "../../macro/messages.js";
import { type Answer, answerWith, cpuAnswer, type ToClient, tell } from "./messages.js";
import type { SubjectName } from "./plan.js";
import { readMemory } from "./reading.js";
import { countSetUps, repeatAtOnce } from "./repeat.js";
import { godwitConnect } from "./subjects/godwit-idle.js";
import { grpcJsConnect } from "./subjects/grpc-js-idle.js";
import type { Connect, IdleConnection, IdleStream } from "./subjects/idle-client.js";
import { rawConnect } from "./subjects/raw-net.js";

/** Connections or streams that are being opened: fewer than a listener's backlog. */
const openAtOnce = 50;

const subjects: Readonly<Record<SubjectName, (port: number) => Connect>> = {
  godwit: godwitConnect,
  "grpc-js": grpcJsConnect,
  "raw-net": rawConnect,
};

const connect = subjects[process.argv[2] as SubjectName](Number(process.argv[3]));
const connections: IdleConnection[] = [];
const streams: IdleStream[] = [];

async function open(): Promise<void> {
  const connection = connect();
  await connection.call();
  connections.push(connection);
}

async function openStream(index: number): Promise<void> {
  const connection = connections[index % connections.length] as IdleConnection;
  streams.push(await connection.openStream());
}

/** Streams are used where there are any: beside them there may be no room for another call. */
async function check(): Promise<void> {
  await repeatAtOnce(openAtOnce, streams.length, (index) => (streams[index] as IdleStream).exchange());
  if (streams.length > 0) return;
  await repeatAtOnce(openAtOnce, connections.length, (index) => (connections[index] as IdleConnection).call());
}

async function setUp(): Promise<void> {
  const connection = connect();
  await connection.call();
  await connection.close();
}

async function respond(question: ToClient): Promise<Answer> {
  switch (question.type) {
    case "cpu":
      return cpuAnswer();
    case "memory":
      return { type: "memory", reading: await readMemory(question.settleMs) };
    case "connect":
      await repeatAtOnce(openAtOnce, question.count, open);
      return { type: "done" };
    case "stream":
      await repeatAtOnce(openAtOnce, question.count, openStream);
      return { type: "done" };
    case "check":
      await check();
      return { type: "done" };
    case "setUp":
      return { type: "setUps", setUps: await countSetUps(question.atOnce, question.durationMs, setUp) };
  }
}

endWithParent();
answerWith(respond);
tell({ type: "ready" });
