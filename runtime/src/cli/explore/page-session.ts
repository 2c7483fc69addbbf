import { Metadata } from "../../rpc/metadata.js";
import { clientStreams } from "../../rpc/method-descriptor.js";
import type { EventStream } from "./event-stream.js";
import type { ExplorerContext } from "./explorer-context.js";
import type { CallRequest, Pair, StartRequest } from "./protocol.js";
import { RunningCall } from "./running-call.js";

/** Calls of one page that run at once. */
const maxCalls = 32;

/** One page that is open. When it is gone its calls are cancelled. */
export class PageSession {
  readonly #context: ExplorerContext;
  readonly #events: EventStream;
  readonly #calls = new Map<string, RunningCall>();
  #isOver = false;

  constructor(context: ExplorerContext, events: EventStream) {
    this.#context = context;
    this.#events = events;
  }

  get events(): EventStream {
    return this.#events;
  }

  /** Returns once the call has begun. Throws one sentence where it cannot. */
  async start(request: StartRequest): Promise<void> {
    const { call: id, service, method: name } = request;
    if (this.#calls.has(id)) throw new Error("there is a call with this name");
    if (this.#calls.size >= maxCalls) throw new Error(`${maxCalls} calls run: cancel one first`);
    const { schema, channel, json, world, headers } = this.#context;
    const method = (await schema.service(service)).methods.find((each) => each.name === name);
    if (method === undefined) throw new Error(`${service} has no method ${name}`);
    const metadata = metadataOf(headers, request.metadata);
    const call = new RunningCall(id, method, {
      invoker: channel,
      json,
      now: () => world.now(),
      emit: (event) => this.#events.send(event),
    });
    const messages = [];
    for (const text of request.messages) messages.push(await call.parse(text));
    if (!clientStreams(method.methodKind) && messages.length !== 1) throw new Error(`${name} takes one message`);
    const { timeoutMs } = request;
    // The page may have been closed meanwhile.
    if (this.#isOver) return;
    this.#calls.set(id, call);
    call.run(messages, request, { metadata, timeoutMs }).finally(() => this.#calls.delete(id));
  }

  async send(request: CallRequest): Promise<void> {
    const call = this.#find(request);
    call.send(await call.parse(request.message ?? ""));
  }

  finish(request: CallRequest): void {
    this.#find(request).finish();
  }

  /** Of a call that has ended meanwhile there is nothing to cancel. */
  cancel({ call }: CallRequest): void {
    this.#calls.get(call)?.cancel();
  }

  end(): void {
    this.#isOver = true;
    for (const call of this.#calls.values()) call.cancel();
    this.#events.close();
  }

  #find({ call: id }: CallRequest): RunningCall {
    const call = this.#calls.get(id);
    if (call === undefined) throw new Error("the call has ended");
    return call;
  }
}

function metadataOf(base: Metadata, pairs: readonly Pair[]): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of base) metadata.append(name, value);
  for (const [name, value] of pairs) {
    const key = name.trim().toLowerCase();
    metadata.append(key, key.endsWith("-bin") ? Buffer.from(value, "base64") : value.trim());
  }
  return metadata;
}
