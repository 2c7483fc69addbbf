/** One call after another, of the three kinds and of both sorts, until it is told to stop. */
import { performance } from "node:perf_hooks";
import { type CallOptions, type RetryOptions, StatusCode, StatusError, statusCodeName } from "godwit";
import type { JournalEntryInit, JournalServiceClient } from "../gen/godwit/testing/v1/journal_godwit.js";
import { type CallRecord, type Kind, kinds } from "./record.js";

/** The key under which a call tells its id. */
export const idKey = "call-id";
/** Messages of a server's stream, and of a client's. */
export const receipts = 3;
export const timeoutMs = 5000;
/** No handler works longer between two of its steps. */
const mostDelayMs = 40;

/** The planted fault: whatever fails is tried again. */
const retryAll: RetryOptions = { maxAttempts: 4, retryableStatusCodes: [StatusCode.UNAVAILABLE] };

export interface LoadOptions {
  readonly client: JournalServiceClient;
  readonly random: () => number;
  readonly plant: boolean;
  /** Of a call that has ended. */
  readonly onEnd: (call: CallRecord) => void;
  /** Who has answered a call, which began at `startedAt`. */
  readonly onAnswer: (instance: string, startedAt: number) => void;
}

interface Begun {
  readonly id: string;
  readonly kind: Kind;
  readonly isIdempotent: boolean;
  readonly startedAt: number;
  answers: number;
}

export class Load {
  readonly #options: LoadOptions;
  readonly #running = new Set<Begun>();
  #count = 0;
  #isStopping = false;

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  /** Ends when `stop` was called and every call has ended. */
  async run(inFlight: number): Promise<void> {
    const runSlot = async (): Promise<void> => {
      while (!this.#isStopping) await this.#call(this.#count++);
    };
    await Promise.all(Array.from({ length: inFlight }, runSlot));
  }

  stop(): void {
    this.#isStopping = true;
  }

  /** Calls that have not ended. */
  unended(): CallRecord[] {
    return [...this.#running].map((call) => recordOf(call, {}));
  }

  async #call(index: number): Promise<void> {
    const kind = kinds[index % kinds.length] as Kind;
    const call: Begun = {
      id: String(index),
      kind,
      isIdempotent: this.#options.random() < 0.5,
      startedAt: performance.now(),
      answers: 0,
    };
    this.#running.add(call);
    let end: Partial<CallRecord> = { code: "OK" };
    try {
      await this.#make(call, Math.floor(this.#options.random() * mostDelayMs));
    } catch (error) {
      end = endOf(error);
    }
    this.#running.delete(call);
    this.#options.onEnd(recordOf(call, end));
  }

  async #make(call: Begun, delayMs: number): Promise<void> {
    const { client, plant, onAnswer } = this.#options;
    const options: CallOptions = { timeoutMs, metadata: { [idKey]: call.id }, ...(plant && { retry: retryAll }) };
    const { isIdempotent, startedAt } = call;
    const entry = { delayMs };
    const onReceipt = ({ instance }: { readonly instance: string }): void => {
      call.answers++;
      onAnswer(instance, startedAt);
    };
    switch (call.kind) {
      case "unary":
        onReceipt(await (isIdempotent ? client.put(entry, options) : client.append(entry, options)));
        return;
      case "client stream": {
        const entries = Array<JournalEntryInit>(receipts).fill(entry);
        onReceipt(await (isIdempotent ? client.putAll(entries, options) : client.appendAll(entries, options)));
        return;
      }
      case "server stream": {
        const answers = isIdempotent ? client.putAndRead(entry, options) : client.appendAndRead(entry, options);
        for await (const receipt of answers) onReceipt(receipt);
        if (call.answers !== receipts) throw new Error(`a stream ended well after ${call.answers} messages`);
      }
    }
  }
}

function recordOf({ id, kind, isIdempotent, startedAt, answers }: Begun, end: Partial<CallRecord>): CallRecord {
  return { id, kind, isIdempotent, answers, tookMs: performance.now() - startedAt, ...end };
}

function endOf(error: unknown): Partial<CallRecord> {
  if (!(error instanceof StatusError)) return { code: "no status", message: String(error) };
  return { code: statusCodeName(error.code), message: error.message, delivery: error.delivery };
}
