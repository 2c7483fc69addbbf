import type { HandlerContext } from "../../../src/rpc/handler-context.js";
import { StatusCode } from "../../../src/rpc/status-code.js";
import { StatusError } from "../../../src/rpc/status-error.js";
import type { SimProcess } from "../world/sim-process.js";
import type { CallPlan } from "./call-plan.js";
import type { Journal, ServerRecord } from "./journal.js";
import { textOfMetadata } from "./metadata-text.js";
import { payloadOf, payloadProblem } from "./payload.js";
import type { Chunk, ChunkInit, SimHandlers } from "./sim-service.js";

/** What a handler says that fails as planned: percent-encoding and UTF-8 are on its way (PROTOCOL-HTTP2, grpc-message). */
export function plannedMessage(callId: number): string {
  return `planned failure of call ${callId}: 100 % größer\n\u{1f600}`;
}

/** Metadata key under which a call says which it is. */
export const callKey = "sim-call";

export interface HandlerWorld {
  readonly process: SimProcess;
  readonly journal: Journal;
  readonly plans: readonly CallPlan[];
  onStart(record: ServerRecord): void;
}

/** The handlers of one server process: each does what the plan of its call says and writes down what it sees. */
export function createHandlers(world: HandlerWorld): SimHandlers {
  return {
    unary(request, context) {
      const run = new HandlerRun(world, context);
      run.take(request);
      return run.plan.handlerIsSync ? run.answerNow() : run.answerLater();
    },
    async upload(requests, context) {
      const run = new HandlerRun(world, context);
      return run.guard(async () => {
        for await (const _ of run.read(requests));
        return run.finish();
      });
    },
    list(request, context) {
      const run = new HandlerRun(world, context);
      run.take(request);
      return run.plan.handlerIsSync ? run.listNow() : run.guardStream(run.respond(0));
    },
    chat(requests, context) {
      const run = new HandlerRun(world, context);
      return run.guardStream(run.chat(requests));
    },
  };
}

class HandlerRun {
  readonly plan: CallPlan;
  readonly record: ServerRecord;
  readonly #world: HandlerWorld;
  readonly #context: HandlerContext;
  #pauses = 0;

  constructor(world: HandlerWorld, context: HandlerContext) {
    this.#world = world;
    this.#context = context;
    const { process, journal, plans } = world;
    const plan = plans[Number(context.metadata.get(callKey))];
    if (plan === undefined) throw new Error(`no call is planned under ${String(context.metadata.get(callKey))}`);
    this.plan = plan;
    this.record = {
      plan,
      process,
      peer: context.peer.address,
      startedAt: process.world.now,
      attempt: context.attempt,
      deadline: context.deadline - process.habits.clockOffsetMs,
      endedAt: undefined,
      abortedAt: undefined,
      requests: 0,
      requestsEnd: "open",
      isWaiting: false,
      responses: 0,
      abortDueTurn: Number.POSITIVE_INFINITY,
    };
    journal.server.push(this.record);
    journal.runningOn(process).add(this.record);
    process.world.note(`handler of call ${plan.id} starts in ${process.name}`);
    this.#checkMetadata();
    if (plan.handlerHeeds) {
      const { signal } = context;
      signal.addEventListener("abort", () => {
        this.record.abortedAt = process.world.now;
      });
    }
    world.onStart(this.record);
    for (const [key, value] of plan.trailers) context.trailers.append(key, value);
    if (plan.setsHeaders) context.setHeaders({ [callKey]: String(plan.id) });
  }

  /** The request of a call that has one. */
  take(request: Chunk): void {
    this.#check(request);
    this.record.requestsEnd = "complete";
  }

  async *read(requests: AsyncIterable<Chunk>): AsyncGenerator<void> {
    const { plan, record } = this;
    try {
      if (plan.readsOnly === 0) {
        record.requestsEnd = "left";
        return;
      }
      record.isWaiting = true;
      for await (const request of requests) {
        record.isWaiting = false;
        this.#check(request);
        yield;
        if (record.requests === plan.readsOnly) {
          record.requestsEnd = "left";
          return;
        }
        await this.#pause(plan.handlerReadGapMs);
        record.isWaiting = true;
      }
      record.requestsEnd = "complete";
    } catch (error) {
      if (record.requestsEnd === "open") record.requestsEnd = "failed";
      if (!(error instanceof StatusError)) {
        this.#world.process.world.violate(
          "typed-errors",
          `the requests of call ${plan.id} ended with ${String(error)}`,
        );
      }
      throw error;
    } finally {
      record.isWaiting = false;
    }
  }

  /** Too much to do, so often. */
  #checkBusy(): void {
    const { id, repeats } = this.plan;
    if (repeats === undefined || this.#world.journal.handlersOf(id).length > repeats.busyTimes) return;
    throw new StatusError(StatusCode.UNAVAILABLE, `busy in call ${id}`, { retryAfterMs: repeats.pushbackMs });
  }

  answerNow(): ChunkInit {
    try {
      this.#checkBusy();
      return this.#end() ?? this.#response(0);
    } finally {
      this.#ended();
    }
  }

  answerLater(): Promise<ChunkInit> {
    return this.guard(() => this.finish());
  }

  async finish(): Promise<ChunkInit> {
    this.#checkBusy();
    await this.#pause(this.plan.handlerDelayMs);
    this.#end();
    return this.#response(0);
  }

  listNow(): ChunkInit[] {
    try {
      this.#checkBusy();
      const responses = this.plan.responseSizes.map((_, index) => this.#response(index));
      this.#end();
      return responses;
    } finally {
      this.#ended();
    }
  }

  async *respond(from: number): AsyncGenerator<ChunkInit> {
    this.#checkBusy();
    await this.#pause(this.plan.handlerDelayMs);
    for (let index = from; index < this.plan.responseSizes.length; index++) {
      await this.#pause(this.plan.responseGapMs);
      yield this.#response(index);
    }
    this.#end();
  }

  async *chat(requests: AsyncIterable<Chunk>): AsyncGenerator<ChunkInit> {
    const { plan } = this;
    let answered = 0;
    for await (const _ of this.read(requests)) {
      if (plan.answersWhileReading && answered < plan.responseSizes.length) yield this.#response(answered++);
    }
    yield* this.respond(answered);
  }

  async guard<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } finally {
      this.#ended();
    }
  }

  async *guardStream(responses: AsyncGenerator<ChunkInit>): AsyncGenerator<ChunkInit> {
    try {
      yield* responses;
    } finally {
      this.#ended();
    }
  }

  #response(index: number): ChunkInit {
    this.record.responses = index + 1;
    const size = this.plan.responseSizes[index] ?? 0;
    return { value: payloadOf({ callId: this.plan.id, direction: "response", index }, size) };
  }

  /** How the handler was meant to end. */
  #end(): undefined {
    const { id, handlerEnd } = this.plan;
    if (handlerEnd === "status") throw new StatusError(StatusCode.FAILED_PRECONDITION, plannedMessage(id));
    if (handlerEnd === "throw") throw new Error(`secret of call ${id}`);
  }

  async #pause(ms: number): Promise<void> {
    if (this.plan.handlerHeeds) this.#context.signal.throwIfAborted();
    const { hops } = this.plan;
    if (ms > 0) await this.#world.process.sleep(ms);
    else for (let left = hops[this.#pauses++ % hops.length] ?? 0; left > 0; left--) await undefined;
    if (this.plan.handlerHeeds) this.#context.signal.throwIfAborted();
  }

  #check(request: Chunk): void {
    const { plan, record } = this;
    const index = record.requests++;
    const { world } = this.#world.process;
    if (index >= plan.requestSizes.length) {
      world.violate("messages", `request ${index} of call ${plan.id} came, ${plan.requestSizes.length} were sent`);
      return;
    }
    const problem = payloadProblem(
      { callId: plan.id, direction: "request", index },
      plan.requestSizes[index] ?? 0,
      request.value,
    );
    if (problem !== undefined) world.violate("messages", problem);
  }

  #checkMetadata(): void {
    const { plan } = this;
    const received = textOfMetadata(this.#context.metadata, callKey);
    const sent = textOfMetadata(plan.metadata, callKey);
    if (received === sent) return;
    const { world } = this.#world.process;
    world.violate("messages", `metadata of call ${plan.id} is "${received}", sent was "${sent}"`);
  }

  #ended(): void {
    const { record } = this;
    if (record.endedAt !== undefined) return;
    record.endedAt = record.process.world.now;
    this.#world.journal.runningOn(record.process).delete(record);
    record.process.world.note(`handler of call ${record.plan.id} ends`);
  }
}
