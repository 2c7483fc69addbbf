import { setTimeout as sleep } from "node:timers/promises";
import { type HandlerContext, StatusCode, StatusError } from "godwit";
import type { ShopServiceHandlers } from "./gen/godwit/demo/v1/shop_godwit.js";
import type { ChatRequest, GetItemRequest, ListItemsRequest, PlaceOrderRequest } from "./gen/godwit/demo/v1/shop_pb.js";

const items = [
  { id: "mug", name: "Mug, blue", priceCents: 890n },
  { id: "kettle", name: "Kettle, 1.7 l", priceCents: 3450n },
  { id: "antique", name: "Samovar, 1887", priceCents: 99000n },
];

/** The handlers of the demo: a class, whose methods the server binds. */
export class Shop implements ShopServiceHandlers {
  async getItem({ id }: GetItemRequest, context: HandlerContext) {
    // Antiques are looked up in the cellar. The signal aborts when the caller gives up, and so does the search.
    if (id === "antique") await sleep(2000, undefined, { signal: context.signal });
    return { item: this.#find(id) };
  }

  async *listItems({ limit }: ListItemsRequest) {
    for (const item of items.slice(0, limit || items.length)) yield { item };
  }

  async placeOrder(order: AsyncIterable<PlaceOrderRequest>) {
    let lines = 0;
    let totalCents = 0n;
    for await (const { itemId, quantity } of order) {
      lines += 1;
      totalCents += this.#find(itemId).priceCents * BigInt(quantity);
    }
    return { lines, totalCents };
  }

  async *chat(questions: AsyncIterable<ChatRequest>) {
    for await (const { text } of questions) {
      if (text.endsWith("?")) yield { text: "Let me see … yes, on the top shelf." };
      else yield { text: `${text.replace(/[.!]$/, "")} to you, too.` };
    }
  }

  #find(id: string) {
    const item = items.find((candidate) => candidate.id === id);
    if (item === undefined) throw new StatusError(StatusCode.NOT_FOUND, `no item "${id}" in this shop`);
    return item;
  }
}
