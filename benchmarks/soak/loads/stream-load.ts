/** Streams of the three kinds in turn, of which one in ten each is left, aborted, and ended by its deadline. */
import { pushable, StatusCode } from "godwit";
import type {
  BidiRequestInit,
  ClientStreamRequestInit,
  EchoServiceClient,
} from "../../gen/godwit/testing/v1/echo_godwit.js";
import { WrongAnswer } from "../../macro/subjects/subject.js";
import type { Tally } from "../tally.js";

const inFlight = 20;
const messages = 20;
const payload = Buffer.alloc(256, 0x5a);
/** So many messages come first where a call does not run to its end. */
const messagesBefore = 3;
/** More than anybody takes: only the end of the call ends it. */
const endless = 2 ** 31 - 1;
/** Of calls that it is to end, and of the others. */
const shortTimeoutMs = 5;
const timeoutMs = 60_000;

const kinds = ["server", "client", "bidi"] as const;
const manners = ["completed", "left", "aborted", "expired"] as const;
type Kind = (typeof kinds)[number];
type Manner = (typeof manners)[number];

/** With what a call of the manner ends. */
const codes: Readonly<Record<Manner, StatusCode>> = {
  completed: StatusCode.OK,
  // Whoever leaves a loop sees no error.
  left: StatusCode.OK,
  aborted: StatusCode.CANCELLED,
  expired: StatusCode.DEADLINE_EXCEEDED,
};

export async function runStreams(echo: EchoServiceClient, count: number, tally: Tally): Promise<void> {
  let started = 0;
  const runSlot = async (): Promise<void> => {
    while (started < count) {
      const index = started++;
      const kind = kinds[index % kinds.length] as Kind;
      const manner = mannerOf(Math.floor(index / kinds.length), kind);
      await tally.expect(runStream(echo, kind, manner), codes[manner]);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, runSlot));
}

/** A client-streaming call has no loop that could be left. */
function mannerOf(turn: number, kind: Kind): Manner {
  const manner = manners[(turn % 10) - 6] ?? "completed";
  return manner === "left" && kind === "client" ? "aborted" : manner;
}

function runStream(echo: EchoServiceClient, kind: Kind, manner: Manner): Promise<void> {
  const controller = new AbortController();
  const options = { signal: controller.signal, timeoutMs: manner === "expired" ? shortTimeoutMs : timeoutMs };
  const abort = (): void => controller.abort();
  switch (kind) {
    case "server": {
      const count = manner === "completed" ? messages : endless;
      return readAnswers(echo.serverStream({ count, size: payload.length }, options), manner, abort);
    }
    case "client":
      return sendAll(echo, options, manner, abort);
    case "bidi": {
      const source = pushable<BidiRequestInit>();
      const answers = echo.bidi(source, options);
      pushAll(source, (index) => ({ index, payload }), manner);
      return readAnswers(answers, manner, abort);
    }
  }
}

async function sendAll(
  echo: EchoServiceClient,
  options: { readonly signal: AbortSignal; readonly timeoutMs: number },
  manner: Manner,
  abort: () => void,
): Promise<void> {
  const source = pushable<ClientStreamRequestInit>();
  const answer = echo.clientStream(source, options);
  const sent = pushAll(source, () => ({ payload }), manner);
  if (manner === "aborted") {
    await sent;
    abort();
  }
  const { messages: counted } = await answer;
  if (counted !== messages) throw new WrongAnswer("number of messages", counted, messages);
}

/** Finishes only what is to be completed. The call reports how it ended; the promise is for who waits until all have gone. */
async function pushAll<T>(
  source: { write(message: T): Promise<void>; finish(): void },
  message: (index: number) => T,
  manner: Manner,
): Promise<void> {
  const count = manner === "completed" ? messages : messagesBefore;
  try {
    for (let index = 0; index < count; index++) await source.write(message(index));
  } catch {
    return;
  }
  if (manner === "completed") source.finish();
}

interface Answer {
  readonly index: number;
  readonly payload: Uint8Array;
}

async function readAnswers(answers: AsyncIterable<Answer>, manner: Manner, abort: () => void): Promise<void> {
  let count = 0;
  for await (const answer of answers) {
    if (answer.index !== count++) throw new WrongAnswer("index of the message", answer.index, count - 1);
    if (answer.payload.length !== payload.length) {
      throw new WrongAnswer("payload length", answer.payload.length, payload.length);
    }
    if (count !== messagesBefore) continue;
    if (manner === "left") return;
    if (manner === "aborted") abort();
  }
  if (count !== messages) throw new WrongAnswer("number of messages", count, messages);
}
