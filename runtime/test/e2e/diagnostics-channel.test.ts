import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { type ClientCallStart, type ConnectionEvent, type Status, StatusCode, StatusError } from "godwit";
import { failureOf, openLoopback } from "./loopback.js";

/** Hears channels of the process until it is disposed of. */
class Listening implements Disposable {
  readonly heard: { readonly name: string; readonly message: unknown }[] = [];
  readonly #names: readonly string[];
  readonly #onMessage = (message: unknown, name: string | symbol): void => {
    this.heard.push({ name: String(name), message });
  };

  constructor(...names: string[]) {
    this.#names = names.map((name) => `godwit:${name}`);
    for (const name of this.#names) subscribe(name, this.#onMessage);
  }

  get names(): string[] {
    return this.heard.map(({ name }) => name.replace("godwit:", ""));
  }

  [Symbol.dispose](): void {
    for (const name of this.#names) unsubscribe(name, this.#onMessage);
  }
}

const calls = ["client", "server"].flatMap((side) => [`${side}:call:start`, `${side}:call:end`]);

describe("diagnostics channels", () => {
  it("hear of calls, attempts, connections and names of a process whose application gave no sink", async () => {
    const attempts = ["client:attempt:start", "client:attempt:end"];
    const listening = new Listening(...calls, ...attempts, "connection", "resolution");
    await using loopback = await openLoopback();
    await loopback.echo.unary({ id: "1" });
    listening[Symbol.dispose]();
    assert.deepEqual([...listening.names].sort(), [
      "client:attempt:end",
      "client:attempt:start",
      "client:call:end",
      "client:call:start",
      "connection",
      "resolution",
      "server:call:end",
      "server:call:start",
    ]);
    const message = (name: string) => listening.heard.find((each) => each.name === `godwit:${name}`)?.message;
    const start = message("client:call:start") as ClientCallStart;
    const end = message("client:call:end") as { call: ClientCallStart; status: Status };
    assert.equal(end.call, start);
    assert.equal(start.method.path, "/godwit.testing.v1.EchoService/Unary");
    assert.equal(end.status.code, StatusCode.OK);
    const { kind, address } = message("connection") as ConnectionEvent;
    assert.deepEqual([kind, address], ["connected", loopback.address]);
  });

  it("hear how calls fail, on both sides", async () => {
    await using loopback = await openLoopback({
      handlers: {
        unary: () => {
          throw new StatusError(StatusCode.NOT_FOUND, "none");
        },
      },
    });
    using listening = new Listening("client:call:end", "server:call:end");
    await failureOf(loopback.echo.unary({}), StatusCode.NOT_FOUND);
    const codes = listening.heard.map(({ message }) => (message as { status: Status }).status.code);
    assert.deepEqual(codes, [StatusCode.NOT_FOUND, StatusCode.NOT_FOUND]);
  });

  it("hear nothing before they are subscribed to, nor afterwards", async () => {
    await using loopback = await openLoopback();
    const listening = new Listening(...calls);
    listening[Symbol.dispose]();
    await loopback.echo.unary({});
    assert.deepEqual(listening.names, []);
  });
});
