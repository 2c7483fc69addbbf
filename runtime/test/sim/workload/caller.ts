import { CallInfo } from "../../../src/rpc/call-info.js";
import type { CallOptions } from "../../../src/rpc/call-options.js";
import type { MessageSource } from "../../../src/rpc/message-source.js";
import { Metadata } from "../../../src/rpc/metadata.js";
import type { HedgingOptions } from "../../../src/rpc/retry-options.js";
import { StatusError } from "../../../src/rpc/status-error.js";
import { pushable } from "../../../src/stub/pushable.js";
import type { SimProcess } from "../world/sim-process.js";
import type { CallPlan } from "./call-plan.js";
import { callKey } from "./handlers.js";
import type { ClientRecord, Journal } from "./journal.js";
import { payloadOf, payloadProblem } from "./payload.js";
import type { Chunk, ChunkInit, SimClient } from "./sim-service.js";

/** Of hedged calls. */
export const simHedging: HedgingOptions = { maxAttempts: 3, delayMs: 5, maxExtraLoad: Number.POSITIVE_INFINITY };

/** Makes one call as its plan says and writes down what comes of it. */
export async function runCall(
  plan: CallPlan,
  process: SimProcess,
  client: SimClient,
  journal: Journal,
): Promise<ClientRecord> {
  const { world } = process;
  const record: ClientRecord = {
    plan,
    process,
    info: new CallInfo(),
    startedAt: world.now,
    deadlineAt: deadlineOf(plan, process),
    settledAt: undefined,
    error: undefined,
    hasLeft: false,
    cancelledAt: undefined,
    requests: 0,
    responses: 0,
    isWaiting: false,
    sourceIsDone: false,
  };
  journal.client[plan.id] = record;
  world.note(`call ${plan.id} starts: ${plan.kind} from ${process.name}`);
  try {
    await new CallRun(record, client).run();
  } catch (error) {
    if (error instanceof StatusError) record.error = error;
    else world.violate("typed-errors", `call ${plan.id} threw ${error instanceof Error ? error.stack : String(error)}`);
  }
  record.settledAt = world.now;
  world.note(`call ${plan.id} ends: ${record.error?.message ?? (record.hasLeft ? "left" : "OK")}`);
  return record;
}

/** A Date has whole milliseconds. */
function deadlineOf({ timeoutMs, timeoutAsDate }: CallPlan, process: SimProcess): number {
  if (timeoutMs === undefined) return Number.POSITIVE_INFINITY;
  const wall = process.wallClock();
  return process.world.now + (timeoutAsDate ? Math.floor(wall + timeoutMs) - wall : timeoutMs);
}

class CallRun {
  readonly #record: ClientRecord;
  readonly #client: SimClient;
  readonly #process: SimProcess;
  #pauses = 0;

  constructor(record: ClientRecord, client: SimClient) {
    this.#record = record;
    this.#client = client;
    this.#process = record.process;
  }

  async run(): Promise<void> {
    const { plan } = this.#record;
    const options = this.#options();
    switch (plan.kind) {
      case "unary":
        this.#check(await this.#client.unary(this.#request(0), options));
        return;
      case "client_streaming":
        this.#check(await this.#client.upload(this.#source(), options));
        return;
      case "server_streaming":
        await this.#read(this.#client.list(this.#request(0), options));
        return;
      case "bidi_streaming":
        await this.#read(this.#client.chat(this.#source(), options));
    }
  }

  #options(): CallOptions {
    const { plan, info } = this.#record;
    const { timeoutMs, cancelAfterMs } = plan;
    const metadata = new Metadata({ [callKey]: String(plan.id) });
    for (const [key, value] of plan.metadata) metadata.append(key, value);
    return {
      info,
      metadata,
      waitForReady: plan.waitForReady,
      ...(plan.repeats?.isHedged === true && { hedging: simHedging }),
      ...(plan.compressed && { compression: "runs" }),
      ...(timeoutMs !== undefined && !plan.timeoutAsDate && { timeoutMs }),
      ...(timeoutMs !== undefined &&
        plan.timeoutAsDate && { deadline: new Date(this.#process.wallClock() + timeoutMs) }),
      ...(cancelAfterMs !== undefined && { signal: this.#signal(cancelAfterMs) }),
    };
  }

  #signal(afterMs: number): AbortSignal {
    const controller = new AbortController();
    this.#process.after(afterMs, () => {
      if (this.#record.settledAt !== undefined) return;
      this.#record.cancelledAt = this.#process.world.now;
      controller.abort();
    });
    return controller.signal;
  }

  #request(index: number): ChunkInit {
    const { plan } = this.#record;
    this.#record.requests = index + 1;
    if (index === plan.requestSizes.length - 1) this.#record.sourceIsDone = plan.sourceFailsAt === undefined;
    return { value: payloadOf({ callId: plan.id, direction: "request", index }, plan.requestSizes[index] ?? 0) };
  }

  #source(): MessageSource<ChunkInit> {
    const { plan } = this.#record;
    if (plan.requestSizes.length === 0) this.#record.sourceIsDone = plan.sourceFailsAt === undefined;
    if (plan.source === "array") return this.#list();
    if (plan.source === "generator") return this.#generate();
    const source = pushable<ChunkInit>();
    void this.#push(source.write.bind(source)).then(
      () => source.finish(),
      (error: unknown) => source.fail(error),
    );
    return source;
  }

  *#list(): Generator<ChunkInit> {
    for (let index = 0; this.#hasRequest(index); index++) yield this.#request(index);
  }

  /** Throws where the source is to fail. */
  #hasRequest(index: number): boolean {
    const { id, requestSizes, sourceFailsAt } = this.#record.plan;
    if (index === sourceFailsAt) throw new Error(`the source of call ${id} fails`);
    return index < requestSizes.length;
  }

  async *#generate(): AsyncGenerator<ChunkInit> {
    const { requestGapMs } = this.#record.plan;
    for (let index = 0; this.#hasRequest(index); index++) {
      await this.#pause(requestGapMs);
      yield this.#request(index);
    }
  }

  async #push(write: (message: ChunkInit) => Promise<void>): Promise<void> {
    const { plan } = this.#record;
    for (let index = 0; this.#hasRequest(index); index++) {
      await this.#pause(plan.requestGapMs);
      try {
        await write(this.#request(index));
      } catch (error) {
        if (!(error instanceof StatusError)) {
          this.#process.world.violate("typed-errors", `a write of call ${plan.id} was rejected with ${String(error)}`);
        }
        return;
      }
    }
  }

  async #read(responses: AsyncIterable<Chunk>): Promise<void> {
    const { plan } = this.#record;
    this.#record.isWaiting = true;
    for await (const response of responses) {
      this.#record.isWaiting = false;
      this.#check(response);
      if (this.#record.responses === plan.leaveAfter) {
        this.#record.hasLeft = true;
        return;
      }
      await this.#pause(plan.readGapMs);
      this.#record.isWaiting = true;
    }
    this.#record.isWaiting = false;
  }

  async #pause(ms: number): Promise<void> {
    const { hops } = this.#record.plan;
    if (ms > 0) await this.#process.sleep(ms);
    else for (let left = hops[this.#pauses++ % hops.length] ?? 0; left > 0; left--) await undefined;
  }

  #check(response: Chunk): void {
    const { plan } = this.#record;
    const index = this.#record.responses++;
    const { world } = this.#process;
    if (index >= plan.responseSizes.length) {
      world.violate("messages", `response ${index} of call ${plan.id} came, ${plan.responseSizes.length} were sent`);
      return;
    }
    const problem = payloadProblem(
      { callId: plan.id, direction: "response", index },
      plan.responseSizes[index] ?? 0,
      response.value,
    );
    if (problem !== undefined) world.violate("messages", problem);
  }
}
