/** A server that is there to be killed: `server-main.js PORT INSTANCE JOURNAL`. */
import { setTimeout } from "node:timers/promises";
import { createServer, type HandlerContext } from "godwit";
import { type JournalReceiptInit, JournalService } from "../../gen/godwit/testing/v1/journal_godwit.js";
import type { JournalEntry } from "../../gen/godwit/testing/v1/journal_pb.js";
import { Journal } from "../journal.js";
import { idKey, receipts } from "../load.js";
import type { Listening } from "../messages.js";
import type { RunRecord } from "../record.js";

const [port, instance = "", path = ""] = process.argv.slice(2);
const journal = new Journal(path);

function write(event: RunRecord["event"], { metadata, attempt }: HandlerContext): void {
  const id = String(metadata.get(idKey));
  journal.add({ id, event, instance, attempt } satisfies RunRecord);
}

async function append({ delayMs }: JournalEntry, context: HandlerContext): Promise<JournalReceiptInit> {
  write("started", context);
  await setTimeout(delayMs);
  write("done", context);
  return { instance };
}

async function appendAll(entries: AsyncIterable<JournalEntry>, context: HandlerContext): Promise<JournalReceiptInit> {
  write("started", context);
  for await (const { delayMs } of entries) await setTimeout(delayMs);
  write("done", context);
  return { instance };
}

async function* appendAndRead({ delayMs }: JournalEntry, context: HandlerContext): AsyncGenerator<JournalReceiptInit> {
  write("started", context);
  for (let i = 1; i < receipts; i++) {
    await setTimeout(delayMs);
    yield { instance };
  }
  write("done", context);
  yield { instance };
}

const server = createServer({
  onError: (error) => {
    console.error(error);
    process.exit(1);
  },
}).add(JournalService, {
  append,
  appendAll,
  appendAndRead,
  put: append,
  putAll: appendAll,
  putAndRead: appendAndRead,
});

process.on("disconnect", () => process.exit(1));
await server.listen(`127.0.0.1:${port}`);
process.send?.({ type: "listening" } satisfies Listening);
