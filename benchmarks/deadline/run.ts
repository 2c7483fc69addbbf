/** Are deadlines kept within 5 ms, by the client and by the server? See benchmarks/README.md. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { type ClientHttp2Session, connect } from "node:http2";
import { performance } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createChannel, createClient, insecure } from "godwit";
import { EchoService } from "../gen/godwit/testing/v1/echo_godwit.js";
import { describeLateness, isKept, type Lateness, latenessOf } from "./lateness.js";

const inFlight = 100;
const leastTimeoutMs = 20;
const mostTimeoutMs = 200;

/** Calls that are not counted, before each side: code that runs for the first time is late for that. */
const warmUpCalls = 300;

const { values } = parseArgs({ options: { calls: { type: "string", default: "5000" } } });
const calls = Number(values.calls);
if (!Number.isInteger(calls) || calls < 1) throw new Error(`--calls is ${values.calls}, expected 1 or more`);

/** Spread, so that deadlines do not come together. */
function timeoutOf(call: number): number {
  return leastTimeoutMs + ((call * 37) % (mostTimeoutMs - leastTimeoutMs));
}

/** Keeps calls in flight until all have ended. */
async function runCalls(count: number, start: (timeoutMs: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await start(timeoutOf(next++));
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}

/** The client's own clock: the server does not answer. */
async function measureClient(port: number): Promise<Lateness> {
  const channel = createChannel(`127.0.0.1:${port}`, { credentials: insecure() });
  const echo = createClient(EchoService, channel);
  const late: number[] = [];
  const start = async (timeoutMs: number): Promise<void> => {
    const startedAt = performance.now();
    await echo.unary({}, { timeoutMs }).catch(() => late.push(performance.now() - startedAt - timeoutMs));
  };
  await runCalls(warmUpCalls, start);
  late.length = 0;
  await runCalls(calls, start);
  await channel.close();
  return latenessOf(late);
}

/** The server's own clock: this client leaves it to it. */
async function measureServer(port: number, server: ChildProcess): Promise<Lateness> {
  const session = connect(`http://127.0.0.1:${port}`);
  const start = (timeoutMs: number) => callPlainly(session, timeoutMs);
  await runCalls(warmUpCalls, start);
  await ask(server);
  await runCalls(calls, start);
  const lateness = await ask(server);
  session.close();
  return lateness;
}

function callPlainly(session: ClientHttp2Session, timeoutMs: number): Promise<void> {
  const stream = session.request({
    ":method": "POST",
    ":path": "/godwit.testing.v1.EchoService/Unary",
    "content-type": "application/grpc",
    te: "trailers",
    "grpc-timeout": `${timeoutMs}m`,
  });
  stream.end(Buffer.alloc(5));
  stream.resume();
  return once(stream, "close").then(() => undefined);
}

async function ask(server: ChildProcess): Promise<Lateness> {
  server.send("lateness");
  const [lateness] = (await once(server, "message")) as [Lateness];
  return lateness;
}

const server = fork(fileURLToPath(new URL("./server-main.js", import.meta.url)));
const [port] = (await once(server, "message")) as [number];
const results = [
  ["client", await measureClient(port)],
  ["server", await measureServer(port, server)],
] as const;
server.disconnect();
for (const [side, lateness] of results) console.log(describeLateness(side, lateness));
if (results.some(([, lateness]) => !isKept(lateness))) process.exitCode = 1;
