import type { HttpRequest, HttpResponse } from "../../src/base/http.js";

export interface FakeAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text, or what JSON is made of. */
  readonly body: unknown;
}

/** One question that waits for its answer. */
export interface FakeExchange {
  readonly request: HttpRequest;
  answer(answer: FakeAnswer): void;
  fail(message: string): void;
}

/** An HTTP server that answers when the test says so, or as `answers` says. */
export class FakeHttp {
  /** Every question, in order. */
  readonly exchanges: FakeExchange[] = [];
  /** Answers at once; undefined: the test does. */
  answers: ((request: HttpRequest) => FakeAnswer) | undefined;

  fetch(request: HttpRequest): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      const exchange: FakeExchange = {
        request,
        answer: (answer) => resolve(responseOf(answer)),
        fail: (message) => reject(new Error(message)),
      };
      this.exchanges.push(exchange);
      if (this.answers !== undefined) exchange.answer(this.answers(request));
    });
  }
}

function responseOf({ status = 200, headers = {}, body }: FakeAnswer): HttpResponse {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { status, header: (name) => headers[name.toLowerCase()], body: new TextEncoder().encode(text) };
}
