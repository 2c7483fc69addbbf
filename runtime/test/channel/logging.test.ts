import assert from "node:assert/strict";
import { createChannel } from "../../src/channel/create-channel.js";
import { insecure } from "../../src/credentials/channel-credentials.js";
import type { Logger, LogLevel } from "../../src/rpc/logger.js";
import { StatusCode } from "../../src/rpc/status-code.js";
import { createServer } from "../../src/server/server.js";
import { createClient } from "../../src/stub/client.js";
import { EchoService, type EchoServiceHandlers } from "../gen/godwit/testing/v1/echo_godwit.js";
import { FakePlatform } from "../support/fake-platform.js";
import { RecordingLogger } from "../support/recording-logger.js";
import { VirtualPair } from "./virtual-pair.js";

async function open(
  handlers: Partial<EchoServiceHandlers>,
  logLevel?: LogLevel,
): Promise<{ pair: VirtualPair; client: RecordingLogger; server: RecordingLogger }> {
  const [client, server] = [new RecordingLogger(), new RecordingLogger()];
  const options = { channel: { logger: client, logLevel }, server: { logger: server, logLevel } };
  return { pair: await VirtualPair.open(handlers, options), client, server };
}

describe("the log of a channel and a server", () => {
  it("tells at `info` what becomes of channel, connection and listener, and nothing of calls", async () => {
    const { pair, client, server } = await open({ unary: () => ({}) });
    const call = pair.echo.unary({});
    await pair.platform.advanceAsync(10);
    await call;
    await pair.close();
    assert.deepEqual(client.text, [
      'info channel to "ipv4:10.0.0.1:443": CONNECTING',
      'info channel to "ipv4:10.0.0.1:443": resolved: 1 endpoint',
      'info channel to "ipv4:10.0.0.1:443": load balancing by pick_first',
      'info channel to "ipv4:10.0.0.1:443": a subchannel for 10.0.0.1:443',
      "info connected to 10.0.0.1:443",
      'info channel to "ipv4:10.0.0.1:443": READY',
      "info the connection to 10.0.0.1:443 is gone: the subchannel was shut down",
      'info channel to "ipv4:10.0.0.1:443": SHUTDOWN',
    ]);
    assert.deepEqual(server.text, ["info server: listening on 10.0.0.1:443", "info server: closing"]);
    const ids = new Set(client.lines.map(({ fields }) => fields["channel"]));
    assert.deepEqual([...ids], [pair.channel.describe().id]);
  });

  it("tells at `debug` of each call, with one id, and hides its secrets", async () => {
    const { pair, client, server } = await open({ unary: () => ({}) }, "debug");
    const metadata = { authorization: "Bearer s3cret", "x-tenant": "blue" };
    const call = pair.echo.unary({}, { metadata });
    await pair.platform.advanceAsync(10);
    await call;
    const path = "/godwit.testing.v1.EchoService/Unary";
    const debug = (log: RecordingLogger) => log.text.filter((line) => line.startsWith("debug call"));
    assert.deepEqual(debug(client), [
      `debug call of ${path}`,
      `debug call of ${path}: first attempt goes to ipv4:10.0.0.1:443`,
      `debug call of ${path} ended OK`,
    ]);
    assert.deepEqual(debug(server), [
      `debug call of ${path} from ipv4:10.0.0.1:40000`,
      `debug call of ${path} from ipv4:10.0.0.1:40000 ended OK`,
    ]);
    const connection = pair.channel.describe().subchannels[0]?.connections[0]?.id;
    assert.ok(connection !== undefined);
    assert.equal(client.lines.find(({ message }) => message.startsWith("connected"))?.fields["connection"], connection);
    assert.equal(client.lines.find(({ message }) => message.includes("goes to"))?.fields["connection"], connection);
    const onServer = server.lines.find(({ message }) => message.startsWith("call of"))?.fields["connection"];
    assert.equal(onServer, pair.server.connections()[0]?.id);
    const lines = client.lines.filter(({ message }) => message.startsWith("call of"));
    assert.equal(new Set(lines.map(({ fields }) => fields["call"])).size, 1);
    assert.deepEqual(lines[0]?.fields["metadata"], {
      __proto__: null,
      authorization: ["[redacted]"],
      "x-tenant": ["blue"],
    });
    assert.equal(JSON.stringify([client.lines, server.lines]).includes("s3cret"), false);
    await pair.close();
  });

  it("tells at `warn` of a server that cannot be reached", async () => {
    const platform = new FakePlatform();
    const logger = new RecordingLogger();
    const channel = createChannel("ipv4:10.0.0.9:443", { platform, credentials: insecure(), logger, logLevel: "warn" });
    const call = createClient(EchoService, channel)
      .unary({})
      .catch((error: unknown) => error);
    await platform.advanceAsync(25_000);
    await call;
    assert.equal(logger.text[0]?.startsWith("warn no connection to 10.0.0.9:443: "), true, logger.text.join("\n"));
    await Promise.all([channel.close(), platform.advanceAsync(100)]);
  });

  it("tells of a handler that threw, with the error, in the place of console.error", async () => {
    const cause = new Error("the table is gone");
    const { pair, server } = await open({
      unary: () => {
        throw cause;
      },
    });
    const call = pair.echo.unary({}).catch((error: { code: StatusCode }) => error.code);
    await pair.platform.advanceAsync(10);
    assert.equal(await call, StatusCode.UNKNOWN);
    const line = server.lines.find(({ level }) => level === "error");
    assert.match(line?.message ?? "", /^\/godwit\.testing\.v1\.EchoService\/Unary failed, called by ipv4:10\.0\.0\.1:/);
    assert.equal(line?.fields["err"], cause);
    await pair.close();
  });

  it("survives a logger that throws", async () => {
    const broken = (): never => {
      throw new Error("disk full");
    };
    const logger: Logger = { debug: broken, info: broken, warn: broken, error: broken };
    const pair = await VirtualPair.open(
      { unary: () => ({}) },
      { channel: { logger, logLevel: "debug" }, server: { logger, logLevel: "debug" } },
    );
    const call = pair.echo.unary({});
    await pair.platform.advanceAsync(10);
    await call;
    assert.deepEqual(pair.platform.warnings, []);
    await pair.close();
  });

  it("is refused where it is no logger, or no level", () => {
    assert.throws(
      () => createServer({ logger: { info() {} } as never }),
      /^TypeError: logger has no function debug: expected debug, info, warn, error$/,
    );
    assert.throws(
      () => createServer({ logger: console, logLevel: "verbose" as never }),
      /^TypeError: logLevel is "verbose": expected debug, info, warn, error$/,
    );
    assert.doesNotThrow(() => createServer({ logger: console }));
  });
});
