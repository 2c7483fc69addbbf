import type { HealthCheckResponse_ServingStatus as ServingStatus } from "../../gen/grpc/health/v1/health_pb.js";

type Result = IteratorResult<{ status: ServingStatus }, undefined>;

/**
 * What one Watch call is told: each status that differs from the one before. Of several changes that come before the client
 * takes the next, it hears the last: a client that does not read costs no more than one that does.
 */
export class ServingWatch implements AsyncIterator<{ status: ServingStatus }, undefined> {
  readonly #onEnd: () => void;
  #status: ServingStatus;
  #told: ServingStatus | undefined;
  /** Of the `next` that waits for a change. */
  #resolve: ((result: Result) => void) | undefined;

  /** @param onEnd The call has ended, and hears of no change any more. */
  constructor(status: ServingStatus, onEnd: () => void) {
    this.#status = status;
    this.#onEnd = onEnd;
  }

  change(status: ServingStatus): void {
    this.#status = status;
    if (this.#resolve === undefined || status === this.#told) return;
    this.#resolve(this.#tell());
    this.#resolve = undefined;
  }

  next(): Promise<Result> {
    if (this.#status !== this.#told) return Promise.resolve(this.#tell());
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  async return(): Promise<Result> {
    this.#onEnd();
    this.#resolve?.({ done: true, value: undefined });
    this.#resolve = undefined;
    return { done: true, value: undefined };
  }

  #tell(): Result {
    this.#told = this.#status;
    return { done: false, value: { status: this.#status } };
  }
}
