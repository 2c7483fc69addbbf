/** What a .proto says with godwit/options.proto is done, below service configs and calls; with a stub and without. */
import assert from "node:assert/strict";
import {
  type ChannelOptions,
  createChannel,
  createClient,
  createServer,
  type HandlerContext,
  insecure,
  StatusCode,
  StatusError,
} from "godwit";
import { DefaultsService, type DefaultsServiceClient } from "../gen/godwit/testing/v1/defaults_godwit.js";
import { DefaultsService as DefaultsDesc } from "../gen/godwit/testing/v1/defaults_pb.js";
import { checkRejections } from "../support/unhandled-rejections.js";
import { collect, failureOf } from "./loopback.js";

const service = "godwit.testing.v1.DefaultsService";

/** Fails the first attempts of every method with a code, or leaves them unanswered; `attempts` counts all. */
class Faulty {
  attempts = 0;
  readonly #failures: number;
  readonly #code: StatusCode | "hang";

  constructor(failures: number, code: StatusCode | "hang") {
    this.#failures = failures;
    this.#code = code;
  }

  retried(_: unknown, context: HandlerContext): object | Promise<object> {
    return this.#answer(context);
  }

  hedged(_: unknown, context: HandlerContext): object | Promise<object> {
    return this.#answer(context);
  }

  async *once(_: unknown, context: HandlerContext): AsyncGenerator<object> {
    yield await this.#answer(context);
  }

  #answer({ signal }: HandlerContext): object | Promise<object> {
    if (++this.attempts > this.#failures) return {};
    if (this.#code !== "hang") throw new StatusError(this.#code, "not now");
    return new Promise((resolve) => signal.addEventListener("abort", () => resolve({})));
  }
}

async function withClient(
  faulty: Faulty,
  kind: "stub" | "descriptor",
  options: ChannelOptions,
  use: (client: DefaultsServiceClient) => Promise<unknown>,
): Promise<void> {
  await using server = createServer().addPartial(DefaultsService, faulty);
  const { address } = await server.listen("127.0.0.1:0");
  await using channel = createChannel(address, { credentials: insecure(), ...options });
  await use(kind === "stub" ? createClient(DefaultsService, channel) : createClient(DefaultsDesc, channel));
}

describe("e2e: options of a .proto", () => {
  checkRejections();

  for (const kind of ["stub", "descriptor"] as const) {
    it(`retry: its codes are tried again, as often as it says (${kind})`, async () => {
      const faulty = new Faulty(2, StatusCode.ABORTED);
      await withClient(faulty, kind, {}, (client) => client.retried({}));
      assert.equal(faulty.attempts, 3);
      const worse = new Faulty(9, StatusCode.ABORTED);
      await withClient(worse, kind, {}, async (client) => {
        assert.equal((await failureOf(client.retried({}), StatusCode.ABORTED)).attempts, 3);
      });
    });

    it(`hedging: a second attempt starts beside one that hangs (${kind})`, async () => {
      const faulty = new Faulty(1, "hang");
      await withClient(faulty, kind, {}, (client) => client.hedged({}));
      assert.equal(faulty.attempts, 2);
    });

    it(`at_most_once: goes before the idempotency level (${kind})`, async () => {
      const faulty = new Faulty(1, StatusCode.UNAVAILABLE);
      await withClient(faulty, kind, {}, (client) => failureOf(collect(client.once({})), StatusCode.UNAVAILABLE));
      assert.equal(faulty.attempts, 1);
    });
  }

  it("give way to a service config", async () => {
    const faulty = new Faulty(1, StatusCode.ABORTED);
    const retryPolicy = {
      ...{ maxAttempts: 4, initialBackoff: "0.001s", maxBackoff: "0.01s", backoffMultiplier: 1 },
      retryableStatusCodes: ["UNAVAILABLE" as const],
    };
    const serviceConfig = { methodConfig: [{ name: [{ service }], retryPolicy }] };
    await withClient(faulty, "stub", { serviceConfig }, (client) => failureOf(client.retried({}), StatusCode.ABORTED));
    assert.equal(faulty.attempts, 1);
  });

  it("give way to the call", async () => {
    const faulty = new Faulty(2, StatusCode.ABORTED);
    await withClient(faulty, "stub", {}, async (client) => {
      await failureOf(client.retried({}, { retry: false }), StatusCode.ABORTED);
      await failureOf(client.hedged({}, { retry: false }), StatusCode.ABORTED);
    });
    assert.equal(faulty.attempts, 2);
  });
});
