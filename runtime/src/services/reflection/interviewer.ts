import type { ServerReflectionRequest, ServerReflectionResponse } from "../../gen/grpc/reflection/v1/reflection_pb.js";
import {
  type CallOptions,
  createClient,
  type Invoker,
  type ServerStream,
  StatusCode,
  StatusError,
} from "../../index.js";
import { Reflection, ReflectionV1Alpha } from "./reflection-definition.js";

/** The two versions differ in the names of their messages alone. */
type Unnamed<T> = T extends Uint8Array
  ? T
  : T extends readonly (infer E)[]
    ? Unnamed<E>[]
    : T extends object
      ? { readonly [K in keyof T as K extends "$typeName" | "$unknown" ? never : K]: Unnamed<T[K]> }
      : T;

export type ReflectionQuestion = Exclude<Unnamed<ServerReflectionRequest["messageRequest"]>, { case: undefined }>;
export type ReflectionAnswer = Unnamed<ServerReflectionResponse["messageResponse"]>;

interface Requests {
  readonly messageRequest: ReflectionQuestion;
}
type Ask = (
  requests: readonly Requests[],
  options: CallOptions,
) => ServerStream<{ readonly messageResponse: ReflectionAnswer }>;

/** A service's file and all that it imports are one answer, and may be large. */
const maxAnswerBytes = 64 * 1024 * 1024;

/** Asks questions in the version that the server knows. */
export class Interviewer {
  readonly #invoker: Invoker;
  readonly #options: CallOptions;
  #ask: Ask | undefined;

  constructor(invoker: Invoker, options: CallOptions) {
    this.#invoker = invoker;
    this.#options = { maxResponseBytes: maxAnswerBytes, ...options };
  }

  /** As many answers as questions, in their order. */
  async ask(questions: readonly ReflectionQuestion[]): Promise<ReflectionAnswer[]> {
    if (this.#ask !== undefined) return this.#askBy(this.#ask, questions);
    const newer = createClient(Reflection, this.#invoker);
    try {
      const answers = await this.#askBy((...args) => newer.serverReflectionInfo(...args), questions);
      this.#ask = (...args) => newer.serverReflectionInfo(...args);
      return answers;
    } catch (error) {
      if (!(error instanceof StatusError) || error.code !== StatusCode.UNIMPLEMENTED) throw error;
    }
    const older = createClient(ReflectionV1Alpha, this.#invoker);
    this.#ask = (...args) => older.serverReflectionInfo(...args);
    return this.#askBy(this.#ask, questions);
  }

  async #askBy(ask: Ask, questions: readonly ReflectionQuestion[]): Promise<ReflectionAnswer[]> {
    const answers: ReflectionAnswer[] = [];
    const requests = questions.map((messageRequest) => ({ messageRequest }));
    for await (const { messageResponse } of ask(requests, this.#options)) {
      answers.push(messageResponse);
      // One that says more than it was asked.
      if (answers.length === questions.length) break;
    }
    if (answers.length === questions.length) return answers;
    const what = `${answers.length} answers to ${questions.length} questions`;
    throw new StatusError(StatusCode.INTERNAL, `the server's reflection gave ${what}`);
  }
}
