/** The counts behind it are the subject of e2e/descriptions.test.ts. */
import assert from "node:assert/strict";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { type Channel, createChannel, createClient, createServer, insecure, type Server, StatusCode } from "godwit";
import { Channelz, type ChannelzClient, createChannelzService } from "godwit/channelz";
import { echoHandlers, failureOf } from "../../e2e/loopback.js";
import { EchoService } from "../../gen/godwit/testing/v1/echo_godwit.js";

describe("channelz", () => {
  let server: Server;
  let channel: Channel;
  let address: string;
  let client: ChannelzClient;

  beforeEach(async () => {
    server = createServer().add(EchoService, echoHandlers).add(Channelz, createChannelzService());
    ({ address } = await server.listen("127.0.0.1:0"));
    channel = createChannel(address, { credentials: insecure() });
    client = createClient(Channelz, channel);
    await createClient(EchoService, channel).unary({});
  });

  afterEach(async () => {
    await channel.close();
    await server.close({ graceMs: 0 });
  });

  it("tells of a channel, down to its connection", async () => {
    const { channel: found } = await client.getChannel({ channelId: BigInt(channel.id) });
    assert.equal(found?.ref?.name, address);
    assert.deepEqual(found?.data?.state?.state, 3, "READY");
    assert.equal(found?.data?.target, address);
    // This call runs.
    assert.deepEqual([found?.data?.callsStarted, found?.data?.callsSucceeded, found?.data?.callsFailed], [2n, 1n, 0n]);
    const [ref] = found?.subchannelRef ?? [];
    const events = found?.data?.trace?.events ?? [];
    assert.deepEqual([events.at(-1)?.description, found?.data?.trace?.numEventsLogged], ["READY", 5n]);
    assert.equal(
      events.find(({ childRef }) => childRef.case)?.childRef.value?.$typeName,
      "grpc.channelz.v1.SubchannelRef",
    );

    const { subchannel } = await client.getSubchannel({ subchannelId: ref?.subchannelId ?? 0n });
    assert.deepEqual([subchannel?.ref?.name, subchannel?.data?.callsStarted], [address, 3n]);

    const { socket } = await client.getSocket({ socketId: subchannel?.socketRef[0]?.socketId ?? 0n });
    const { data, local, remote } = socket ?? assert.fail();
    assert.deepEqual([data?.streamsStarted, data?.streamsSucceeded, data?.messagesSent], [4n, 3n, 4n]);
    const loopback = Uint8Array.of(127, 0, 0, 1);
    assert.equal(remote?.address.case, "tcpipAddress");
    const port = Number(address.split(":").at(-1));
    assert.deepEqual({ ...remote?.address.value, $typeName: "" }, { $typeName: "", ipAddress: loopback, port });
    assert.equal(local?.address.case, "tcpipAddress");
    const { lastLocalStreamCreatedTimestamp: at, lastRemoteStreamCreatedTimestamp } = data ?? assert.fail();
    assert.ok(at !== undefined && Math.abs(timestampDate(at).getTime() - Date.now()) < 60_000);
    assert.equal(lastRemoteStreamCreatedTimestamp, undefined);
    assert.ok((data?.localFlowControlWindow ?? 0n) > 0n && (data?.remoteFlowControlWindow ?? 0n) > 0n);
    assert.equal(socket?.security, undefined);
  });

  it("tells of a server, where it listens and whom it serves", async () => {
    const serverId = BigInt(server.id);
    const { server: found } = await client.getServer({ serverId });
    assert.equal(found?.ref?.serverId, serverId);
    assert.deepEqual([found?.data?.callsStarted, found?.data?.callsSucceeded, found?.data?.callsFailed], [2n, 1n, 0n]);
    const [listener] = found?.listenSocket ?? [];
    assert.equal(listener?.name, address);
    const { socket } = await client.getSocket({ socketId: listener?.socketId ?? 0n });
    assert.deepEqual([socket?.local?.address.case, socket?.remote], ["tcpipAddress", undefined]);

    const { socketRef, end } = await client.getServerSockets({ serverId });
    assert.deepEqual([socketRef.length, end], [1, true]);
    const accepted = await client.getSocket({ socketId: socketRef[0]?.socketId ?? 0n });
    assert.ok((accepted.socket?.data?.streamsStarted ?? 0n) >= 4n);
    assert.ok(accepted.socket?.data?.lastRemoteStreamCreatedTimestamp !== undefined);
  });

  it("gives lists page by page", async () => {
    const others = Array.from({ length: 4 }, () => createChannel("127.0.0.1:1", { credentials: insecure() }));
    const ids = [channel, ...others].map(({ id }) => BigInt(id));
    const first = ids[0] ?? assert.fail();
    const page = await client.getTopChannels({ startChannelId: first, maxResults: 3n });
    assert.deepEqual([page.channel.map(({ ref }) => ref?.channelId), page.end], [ids.slice(0, 3), false]);
    const rest = await client.getTopChannels({ startChannelId: (ids[2] ?? 0n) + 1n, maxResults: 3n });
    assert.deepEqual([rest.channel.map(({ ref }) => ref?.channelId), rest.end], [ids.slice(3), true]);
    await Promise.all(others.map((each) => each.close()));
    const closed = await client.getTopChannels({ startChannelId: first });
    assert.deepEqual(
      closed.channel.map(({ ref }) => ref?.channelId),
      [first],
    );

    const apart = createChannel(address, { credentials: insecure(), shareConnections: false });
    await createClient(EchoService, apart).unary({});
    const serverId = BigInt(server.id);
    const sockets = await client.getServerSockets({ serverId, maxResults: 1n });
    assert.deepEqual([sockets.socketRef.length, sockets.end], [1, false]);
    const startSocketId = (sockets.socketRef[0]?.socketId ?? 0n) + 1n;
    const more = await client.getServerSockets({ serverId, startSocketId, maxResults: 1n });
    assert.deepEqual([more.socketRef.length, more.end], [1, true]);
    await apart.close();
    const servers = await client.getServers({ startServerId: serverId });
    assert.deepEqual([servers.server.map(({ ref }) => ref?.serverId), servers.end], [[serverId], true]);
  });

  it("knows of nothing that is not there", async () => {
    const socketId = 9_007_199_254_740_993n;
    const error = await failureOf(client.getSocket({ socketId }), StatusCode.NOT_FOUND);
    assert.equal(error.statusMessage, "no socket of this process has the id 9007199254740993");
    // A thing of another kind.
    await failureOf(client.getChannel({ channelId: BigInt(server.id) }), StatusCode.NOT_FOUND);
    await failureOf(client.getServer({ serverId: BigInt(channel.id) }), StatusCode.NOT_FOUND);
    await failureOf(client.getSubchannel({ subchannelId: 0n }), StatusCode.NOT_FOUND);
    await failureOf(client.getServerSockets({ serverId: 0n }), StatusCode.NOT_FOUND);
  });

  it("refuses pages that there cannot be", async () => {
    const error = await failureOf(client.getTopChannels({ maxResults: -1n }), StatusCode.INVALID_ARGUMENT);
    assert.equal(error.statusMessage, "the page starts at 0 and has -1 items at most, expected 0 or more of both");
    await failureOf(client.getServers({ startServerId: -1n }), StatusCode.INVALID_ARGUMENT);
  });
});
