/** `npm run demo`: a server and a client in one process, on a free port, and a transcript of what they say to each other. */
import {
  CallInfo,
  createChannel,
  createClient,
  createServer,
  insecure,
  insecureServer,
  StatusError,
  statusCodeName,
} from "godwit";
import { ShopService } from "./gen/godwit/demo/v1/shop_godwit.js";
import { Shop } from "./shop.js";

const say = (line = ""): void => console.log(line);
const effects = {
  "not-sent": "never heard of it",
  "not-processed": "did nothing for it",
  unknown: "may have acted",
  processed: "has answered",
};
const euros = (cents: bigint): string => `€ ${(Number(cents) / 100).toFixed(2)}`;

const server = createServer();
server.add(ShopService, new Shop());
const { address } = await server.listen("127.0.0.1:0", { credentials: insecureServer() });
const channel = createChannel(address, { credentials: insecure() });
const shop = createClient(ShopService, channel);
say(`A shop is open at ${address}. One connection, four kinds of call:`);

say("\n1  unary             one question, one answer");
const info = new CallInfo();
const { item } = await shop.getItem({ id: "kettle" }, { info });
say(`     getItem("kettle")       → ${item?.name}, ${euros(item?.priceCents ?? 0n)}      from ${info.peer?.address}`);

say("\n2  server streaming  one question, many answers; leaving the loop cancels the rest");
for await (const answer of shop.listItems({ limit: 3 })) {
  say(`     listItems()             → ${answer.item?.name}, ${euros(answer.item?.priceCents ?? 0n)}`);
}

say("\n3  client streaming  many messages, one answer");
const bill = await shop.placeOrder([
  { itemId: "kettle", quantity: 1 },
  { itemId: "mug", quantity: 4 },
]);
say(`     placeOrder(2 lines)     → ${bill.lines} lines, ${euros(bill.totalCents)}`);

say("\n4  both ways         a conversation");
async function* questions() {
  for (const text of ["Good morning!", "Do you have teapots?", "Goodbye."]) {
    say(`     customer                → ${text}`);
    yield { text };
  }
}
for await (const { text } of shop.chat(questions())) say(`     shopkeeper              ← ${text}`);

say("\n5  a deadline        the answer takes 2 s, the caller waits 100 ms");
await failing(() => shop.getItem({ id: "antique" }, { timeoutMs: 100 }));

say("\n6  an error          with its code, who said so, and whether the server may have acted");
await failing(() => shop.getItem({ id: "dragon" }));

async function failing(call: () => Promise<unknown>): Promise<void> {
  const started = performance.now();
  try {
    await call();
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    say(
      `     after ${Math.round(performance.now() - started)} ms: ${statusCodeName(error.code)}, ${error.statusMessage}`,
    );
    say(`     ${error.method} at ${error.peer?.address}; the server ${effects[error.delivery ?? "unknown"]}`);
  }
}

await channel.close();
await server.close();
say("\nThe shop is closed. What you saw: examples/demo.ts, examples/shop.ts, proto/godwit/demo/v1/shop.proto.");
