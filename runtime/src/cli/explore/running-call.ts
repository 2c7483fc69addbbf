import type { DescMethod, Message } from "@bufbuild/protobuf";
import { serviceFromDesc } from "../../codec/describe-service.js";
import { CallInfo } from "../../rpc/call-info.js";
import type { CallOptions } from "../../rpc/call-options.js";
import type { Invoker } from "../../rpc/invoker.js";
import { clientStreams, serverStreams } from "../../rpc/method-descriptor.js";
import { createClient } from "../../stub/client.js";
import { pushable } from "../../stub/pushable.js";
import type { RemoteJson } from "../call/remote-json.js";
import { describeEnd, pairsOf } from "./outcome.js";
import type { PageEvent, StartRequest } from "./protocol.js";

/** Characters of an answer that the page is given. */
const maxShownCharacters = 256 * 1024;
const maxResponseBytes = 64 * 1024 * 1024;
/** Messages that flow control does not let go yet. */
const maxWaiting = 100;

type Callable = (request: unknown, options: CallOptions) => Promise<Message> | AsyncIterable<Message>;

export interface CallSurroundings {
  readonly invoker: Invoker;
  readonly json: RemoteJson;
  now(): number;
  /** Resolves when the page takes more. */
  emit(event: PageEvent): Promise<void>;
}

/** One call that the page has made. Whatever happens to it is an event; `run` never rejects because of it. */
export class RunningCall {
  readonly #id: string;
  readonly #method: DescMethod;
  readonly #context: CallSurroundings;
  readonly #source = pushable<Message>();
  readonly #abort = new AbortController();
  readonly #info = new CallInfo();
  #answers = 0;
  #sent = 0;
  #waiting = 0;
  #startedAt = 0;

  constructor(id: string, method: DescMethod, context: CallSurroundings) {
    this.#id = id;
    this.#method = method;
    this.#context = context;
  }

  /** @param messages Of a method that takes one: that one. */
  async run(messages: readonly Message[], { isFinished }: StartRequest, options: CallOptions): Promise<void> {
    const { now, emit, json } = this.#context;
    this.#startedAt = now();
    const error = await this.#converse(messages, isFinished, options).then(
      () => undefined,
      (reason: unknown) => reason ?? new Error("the call failed without a reason"),
    );
    const elapsedMs = now() - this.#startedAt;
    const outcome = await describeEnd(error, this.#info, json);
    await emit({ type: "end", call: this.#id, elapsedMs, messages: this.#answers, ...outcome });
  }

  /** Throws a sentence when the message makes none. */
  async parse(text: string): Promise<Message> {
    return this.#context.json.parse(this.#method.input, text);
  }

  /** Throws when too many wait to be sent. */
  send(message: Message): void {
    if (this.#waiting >= maxWaiting) throw new Error(`${this.#waiting} messages wait: the server does not take them`);
    this.#waiting += 1;
    this.#source.write(message).then(
      () => {
        this.#waiting -= 1;
        this.#sent += 1;
        void this.#context.emit({ type: "sent", call: this.#id, count: this.#sent });
      },
      // How the call ended is told by `run`.
      () => {},
    );
  }

  finish(): void {
    this.#source.finish();
  }

  cancel(): void {
    this.#abort.abort();
  }

  async #converse(messages: readonly Message[], isFinished: boolean, options: CallOptions): Promise<void> {
    const { methodKind } = this.#method;
    const isStream = clientStreams(methodKind);
    const answer = this.#function()(isStream ? this.#source : messages[0], {
      ...options,
      info: this.#info,
      signal: this.#abort.signal,
      maxResponseBytes,
    });
    if (isStream) {
      for (const message of messages) this.send(message);
      if (isFinished) this.finish();
    }
    if (!serverStreams(methodKind)) await this.#show(await (answer as Promise<Message>));
    else for await (const message of answer as AsyncIterable<Message>) await this.#show(message);
  }

  #function(): Callable {
    const service = serviceFromDesc(this.#method.parent);
    const found = service.methods.find(({ name }) => name === this.#method.name);
    const client = createClient(service, this.#context.invoker) as Readonly<Record<string, unknown>>;
    return client[found?.localName ?? ""] as Callable;
  }

  async #show(message: Message): Promise<void> {
    const { json, now, emit } = this.#context;
    const atMs = now() - this.#startedAt;
    this.#answers += 1;
    const text = await json.print(this.#method.output, message, 2);
    const shown = text.slice(0, maxShownCharacters);
    await emit({
      type: "message",
      call: this.#id,
      index: this.#answers,
      text: shown,
      cut: text.length - shown.length,
      atMs,
      ...(this.#answers === 1 && { headers: pairsOf(this.#info.headers) }),
    });
  }
}
