import assert from "node:assert/strict";
import { createChannel, createClient, createServer, insecure, type Server, StatusCode, StatusError } from "godwit";
import { Channelz, createChannelzService } from "godwit/channelz";
import { createHealthService, Health, ServingStatus } from "godwit/health";
import { addReflection, Reflection } from "godwit/reflection";
import { CommandError, UsageError } from "../../../src/cli/command.js";
import { runInspect } from "../../../src/cli/inspect/inspect.js";
import { echoHandlers } from "../../e2e/loopback.js";
import { EchoService } from "../../gen/godwit/testing/v1/echo_godwit.js";
import { FakeWorld } from "../fake-world.js";

describe("godwit inspect", () => {
  let server: Server;
  let address: string;
  let world: FakeWorld;

  beforeEach(async () => {
    world = new FakeWorld();
    const health = createHealthService();
    health.setNotServing(EchoService.typeName);
    server = createServer().add(EchoService, echoHandlers).add(Health, health).add(Channelz, createChannelzService());
    addReflection(server);
    ({ address } = await server.listen("127.0.0.1:0"));
  });

  afterEach(() => server.close({ graceMs: 0 }));

  const run = (...args: string[]): Promise<void> => runInspect([address, ...args], world, world);
  const shown = (): string => world.printed.join("\n");

  /** The numbers behind an id at the beginning of a line. */
  function row(id: number): string[] {
    const line = shown()
      .split("\n")
      .find((each) => each.trim().startsWith(`${id} `));
    return (line ?? assert.fail(`no line of ${id} in\n${shown()}`)).trim().split(/ {2,}/);
  }

  it("shows services, their health, servers, connections and channels", async () => {
    const channel = createChannel(address, { credentials: insecure() });
    await createClient(EchoService, channel).unary({});
    await run();
    assert.match(shown(), /^ {2}godwit\.testing\.v1\.EchoService +NOT_SERVING$/m);
    assert.match(shown(), /^ {2}the server as a whole is SERVING$/m);
    const [, listening, , started] = row(server.id);
    assert.equal(listening, address);
    assert.ok(Number(started) >= 2);
    const [ours] = server.connections();
    const [, peer, security, streams, startedStreams] = row(ours?.id ?? 0);
    assert.deepEqual([peer, security, streams, startedStreams], [ours?.peer.address, "none", "0", "1"]);
    const [, target, state, ...numbers] = row(channel.id);
    assert.deepEqual([target, state, ...numbers], [address, "READY", "0", "1", "0", "1", "READY"]);
    await channel.close();
  });

  it("shows it again on a terminal, with rates, until it is interrupted", async () => {
    world.isOutputTerminal = true;
    const channel = createChannel(address, { credentials: insecure() });
    const echo = createClient(EchoService, channel);
    await echo.unary({});
    const running = run("--interval", "500ms");
    const looks = async (count: number): Promise<void> => {
      while (world.printed.length < count || world.repeated.size === 0) await new Promise(setImmediate);
    };
    await looks(1);
    for (let i = 0; i < 10; i++) await echo.unary({});
    world.time += 2000;
    for (const fn of world.repeated) fn();
    await looks(2);
    const [first = "", second = ""] = world.printed;
    assert.ok(second.startsWith(`\u001b[H\u001b[2J${address}, every 0.5 s; Ctrl-C ends\n`));
    world.printed.splice(0, 2, first);
    assert.equal(row(channel.id).length, 8, "no rates at first");
    world.printed.splice(0, 1, second);
    assert.deepEqual(row(channel.id).slice(3, 8), ["0", "11", "0", "5.0", "0.0"]);
    world.interrupt?.();
    await running;
    assert.equal(world.repeated.size, 0);
    await channel.close();
  });

  it("fits its lines to the terminal", async () => {
    Object.assign(world, { isOutputTerminal: true, columns: 40, rows: 6 });
    await run("--once");
    for (const line of shown().split("\n")) assert.ok(line.length <= 40, line);
    const running = run();
    while (world.repeated.size === 0) await new Promise(setImmediate);
    assert.equal(world.printed[1]?.split("\n").length, 5);
    world.interrupt?.();
    await running;
  });

  it("prints JSON for programs", async () => {
    await run("--json");
    const { services, health, servers } = JSON.parse(shown()) as {
      services: string[];
      health: object;
      servers: { id: number }[];
    };
    assert.ok(services.includes(EchoService.typeName));
    assert.deepEqual(health, { "": "SERVING", [EchoService.typeName]: "NOT_SERVING" });
    assert.ok(servers.some(({ id }) => id === server.id));
  });

  it("leaves out what the server does not have, and says so", async () => {
    await using bare = createServer().add(EchoService, echoHandlers);
    const { address: at } = await bare.listen("127.0.0.1:0");
    await runInspect([at], world, world);
    assert.deepEqual(
      shown()
        .split("\n")
        .filter((line) => line !== ""),
      [
        "SERVICES",
        "  the server has no reflection service",
        "SERVERS",
        "  the server has no channelz service",
        "CHANNELS of its process",
        "  the server has no channelz service",
      ],
    );
    world.printed.length = 0;
    await using older = addReflection(createServer()).addPartial(Health, {
      check: ({ service }) => {
        if (service === "" || service === Reflection.typeName) return { status: ServingStatus.SERVING };
        throw new StatusError(StatusCode.NOT_FOUND, "unknown");
      },
    });
    const { address: olderAt } = await older.listen("127.0.0.1:0");
    await runInspect([olderAt], world, world);
    assert.match(shown(), /^ {2}grpc\.reflection\.v1\.ServerReflection +SERVING$/m);
  });

  it("lets no server command the terminal", async () => {
    await using evil = createServer().addPartial(Reflection, {
      async *serverReflectionInfo() {
        const value = { service: [{ name: "evil\u001b[2J.Service" }] };
        yield { messageResponse: { case: "listServicesResponse", value } };
      },
    });
    const { address: at } = await evil.listen("127.0.0.1:0");
    await runInspect([at], world, world);
    assert.match(shown(), /^ {2}evil\\u001b\[2J\.Service$/m);
  });

  it("says what is wrong", async () => {
    await assert.rejects(run("again"), UsageError);
    await assert.rejects(runInspect([], world, world), UsageError);
    await assert.rejects(run("--interval", "1ms"), UsageError);
    await assert.rejects(runInspect(["127.0.0.1:1"], world, world), (error) => {
      assert.ok(error instanceof CommandError);
      assert.equal(error.exitCode, StatusCode.UNAVAILABLE);
      return true;
    });
  });
});
