// How people use the stubs; compiled and run beside them by ../stubs.test.ts.
import { create } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import type { CallOptions, HandlerContext, MessageSource, ServerStream, Service } from "godwit/codegen/v1";
import { Ballot } from "./editions_godwit.js";
import { AClientHandlers, Torture, Words, type WordsClient } from "./names_godwit.js";
import { Words as OtherWords } from "./names_other_godwit.js";
import { Till } from "./no_package_godwit.js";
import { Old } from "./proto2_godwit.js";
import { Diver } from "./deep/er/path_godwit.js";
import type {
  EmptyInit,
  GetRequestInit,
  ItemInit,
  LineInit,
  ListRequestInit,
  ShopClient,
  ShopHandlers,
  SummaryInit,
} from "./shop_godwit.js";
import { Shop } from "./shop_godwit.js";
import type { GetRequest, Item, Line, ListRequest } from "./shop_pb.js";
import { ItemSchema, LineSchema, SummarySchema } from "./shop_pb.js";

export const services: readonly Service[] = [Shop, Torture, Words, OtherWords, AClientHandlers, Ballot, Till, Old, Diver];

async function* streamOf<T>(...messages: T[]): ServerStream<T> {
  yield* messages;
}

/** A fake for tests is an object literal. */
const fake: ShopClient = {
  get: async ({ id }) => create(ItemSchema, { id: id ?? "", price: 9n }),
  list: ({ limit }) => streamOf(create(ItemSchema, { id: `first of ${limit}` }), create(ItemSchema, { id: "second" })),
  upload: async (items) => create(SummarySchema, { count: await count(items) }),
  reprice: async () => create(EmptySchema),
  async *chat(lines) {
    for await (const line of lines) yield create(LineSchema, { text: `re: ${line.text}` });
  },
  buy: async () => Promise.reject(new Error("sold")),
};

async function count<T>(messages: MessageSource<T>): Promise<number> {
  let n = 0;
  for await (const _ of messages) n++;
  return n;
}

/** What an editor writes for "implement interface", its return types kept. */
class ShopService implements ShopHandlers {
  readonly #prefix: string = "shelf ";
  get(request: GetRequest, _context: HandlerContext): Promise<ItemInit> | ItemInit {
    return { id: this.#prefix + request.id, price: 1n };
  }
  async *list(request: ListRequest, _context: HandlerContext): MessageSource<ItemInit> {
    for (let i = 0; i < request.limit; i++) yield { id: String(i) };
  }
  async upload(requests: AsyncIterable<Item>): Promise<SummaryInit> {
    return { count: await count(requests) };
  }
  reprice(_request: Item): EmptyInit {
    return {};
  }
  async *chat(requests: AsyncIterable<Line>, context: HandlerContext): AsyncIterable<LineInit> {
    for await (const { text } of requests) yield { text: `${text} in ${context.timeoutMs()} ms` };
  }
  buy(): never {
    throw new Error("sold");
  }
}

/** An array and a generator are streams too; a message may stand for its init. */
const plain: Pick<ShopHandlers, "list" | "chat" | "get"> = {
  list: () => [{ id: "0" }, create(ItemSchema, { id: "1" })],
  *chat() {
    yield { text: "hello" };
  },
  get: async (request) => create(ItemSchema, { id: request.id }),
};

/** A stub is a parameter type like any other. */
async function client(shop: ShopClient, options: CallOptions): Promise<string[]> {
  const request: GetRequestInit = { id: "1" };
  const limit: ListRequestInit = { limit: 3 };
  const log = [(await shop.get(request, options)).id];
  for await (const item of shop.list(limit, { timeoutMs: 500 })) log.push(item.id);
  const summary = await shop.upload([{ id: "a" }, { id: "b", price: 2n }]);
  log.push(String(summary.count));
  for await (const line of shop.chat(streamOf<LineInit>({ text: "one" }, { text: "two" }))) log.push(line.text);
  log.push((await shop.reprice({})).$typeName);
  await shop.buy({ id: "1" }).catch((error: Error) => log.push(error.message));
  return log;
}

export const callFake = (): Promise<string[]> => client(fake, { metadata: { "x-tenant": "blue" } });

export async function callHandlers(): Promise<unknown[]> {
  const shop: ShopHandlers = new ShopService();
  const context = { timeoutMs: () => 7 } as HandlerContext;
  const listed: unknown[] = [await shop.get({ $typeName: "shop.v1.GetRequest", id: "1" }, context)];
  for await (const item of shop.list({ $typeName: "shop.v1.ListRequest", limit: 2 }, context)) listed.push(item);
  for await (const line of shop.chat(streamOf(create(LineSchema, { text: "hi" })), context)) listed.push(line);
  for await (const item of plain.list({ $typeName: "shop.v1.ListRequest", limit: 2 }, context)) listed.push(item);
  return listed;
}

/** No client is a promise: awaiting one gives the client. */
export async function awaitClient(words: WordsClient): Promise<boolean> {
  return (await words) === words;
}

// What must not compile.
export const wrong: Record<string, unknown> = {
  // @ts-expect-error a field that does not exist
  field: { id: "1", colour: "red" } satisfies ItemInit,
  // @ts-expect-error a stream where one message is wanted
  stream: () => fake.get([{ id: "1" }]),
  // @ts-expect-error one message where a stream is wanted
  single: () => fake.upload({ id: "1" }),
  // @ts-expect-error an option that does not exist
  option: () => fake.get({}, { timeout: 5 }),
  // @ts-expect-error a handler that answers another message
  handler: (): ReturnType<ShopHandlers["get"]> => ({ count: 1 }),
};
