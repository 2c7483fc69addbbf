import { StatusCode, StatusError, statusCodeName } from "godwit";

/** How calls ended. */
export interface TallyRecord {
  /** As they should, by the status code: cancelled calls with CANCELLED. */
  readonly ended: Readonly<Record<string, number>>;
  readonly failures: number;
  /** What the first of them were. */
  readonly firstFailures: readonly string[];
}

const keptFailures = 10;

export class Tally {
  readonly #ended = new Map<string, number>();
  #failures = 0;
  readonly #firstFailures: string[] = [];

  get record(): TallyRecord {
    return { ended: Object.fromEntries(this.#ended), failures: this.#failures, firstFailures: this.#firstFailures };
  }

  /** Counts a call by how it ended: with one of `codes`, or it has failed. Never rejects. */
  async expect(call: Promise<unknown>, ...codes: readonly StatusCode[]): Promise<void> {
    let code: StatusCode = StatusCode.OK;
    try {
      await call;
    } catch (error) {
      if (!(error instanceof StatusError)) {
        this.fail(String(error));
        return;
      }
      code = error.code;
      if (!codes.includes(code)) {
        this.fail(error.message);
        return;
      }
    }
    const name = statusCodeName(code);
    if (codes.includes(code)) this.#ended.set(name, (this.#ended.get(name) ?? 0) + 1);
    else this.fail(`a call ended with ${name}, expected ${codes.map(statusCodeName).join(" or ")}`);
  }

  fail(message: string): void {
    this.#failures++;
    if (this.#firstFailures.length < keptFailures) this.#firstFailures.push(message);
  }
}
