import { StatusCode } from "godwit";
import type { EchoServiceClient } from "../../gen/godwit/testing/v1/echo_godwit.js";
import { checkUnary, freshRequestId, headlineKey } from "../../macro/subjects/subject.js";
import type { Tally } from "../tally.js";

const inFlight = 100;
/** No call should ever come near it, on a machine that is busy either. */
const timeoutMs = 60_000;
const smallPayload = Buffer.alloc(64, 0x5a);
/** Larger than a stream's share of a turn and than what a read of the socket brings. */
const largePayload = Buffer.alloc(100 * 1024, 0xa5);
const largeEvery = 1000;
/** Large and small ones. */
const compressedEvery = 400;
/** What a process aborts when it is told to end; as long as it lives, each call has to let go of it. */
const { signal } = new AbortController();

/** Calls as services make them: with a deadline, a signal, and metadata that no call had before. */
export async function runUnary(echo: EchoServiceClient, count: number, tally: Tally): Promise<void> {
  let started = 0;
  const runSlot = async (): Promise<void> => {
    while (started < count) await tally.expect(callUnary(echo, started++), StatusCode.OK);
  };
  await Promise.all(Array.from({ length: inFlight }, runSlot));
}

async function callUnary(echo: EchoServiceClient, index: number): Promise<void> {
  const id = String(index);
  const payload = index % largeEvery === 0 ? largePayload : smallPayload;
  const metadata = { [headlineKey]: freshRequestId() };
  const compression = index % compressedEvery === 0 ? "gzip" : undefined;
  const response = await echo.unary({ id, payload }, { timeoutMs, metadata, signal, compression });
  const problem = checkUnary(response, id, payload);
  if (problem !== undefined) throw problem;
}
