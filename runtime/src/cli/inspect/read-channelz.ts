import type { Channel, Server, Socket, SocketData } from "../../gen/grpc/channelz/v1/channelz_pb.js";
import { ChannelConnectivityState_State as State } from "../../gen/grpc/channelz/v1/channelz_pb.js";
import type { CallOptions } from "../../rpc/call-options.js";
import type { ChannelzClient } from "../../services/channelz.js";

/** Calls, or streams, since the beginning. */
export interface Counts {
  readonly started: number;
  readonly succeeded: number;
  readonly failed: number;
}

export interface ServerView {
  readonly id: number;
  /** Where it listens. */
  readonly listening: readonly string[];
  readonly calls: Counts;
  readonly connections: readonly ConnectionView[];
  /** There are connections that are not among them. */
  readonly hasMore: boolean;
}

export interface ConnectionView {
  readonly id: number;
  /** As the server calls it. */
  readonly name: string;
  readonly streams: Counts;
  readonly messagesSent: number;
  readonly messagesReceived: number;
  /** Of TLS, the cipher suite. */
  readonly security: string;
}

export interface ChannelView {
  readonly id: number;
  readonly target: string;
  readonly state: string;
  readonly calls: Counts;
  readonly subchannels: number;
  /** What happened last. */
  readonly event: string | undefined;
}

/** A terminal shows no more, and each connection is a call of its own. */
const mostConnections = 50n;
const mostChannels = 100n;

export async function readServers(channelz: ChannelzClient, options: CallOptions): Promise<readonly ServerView[]> {
  const { server } = await channelz.getServers({}, options);
  return Promise.all(server.map((each) => readServer(channelz, each, options)));
}

export async function readChannels(channelz: ChannelzClient, options: CallOptions): Promise<readonly ChannelView[]> {
  const { channel } = await channelz.getTopChannels({ maxResults: mostChannels }, options);
  return channel.map(channelView);
}

async function readServer(channelz: ChannelzClient, server: Server, options: CallOptions): Promise<ServerView> {
  const serverId = server.ref?.serverId ?? 0n;
  const { socketRef, end } = await channelz.getServerSockets({ serverId, maxResults: mostConnections }, options);
  const read = socketRef.slice(0, Number(mostConnections)).map(async ({ socketId, name }) => {
    // It may have closed meanwhile.
    const answer = await channelz.getSocket({ socketId }, options).catch(() => undefined);
    return answer?.socket === undefined ? undefined : connectionView(answer.socket, name);
  });
  const connections = (await Promise.all(read)).filter((each) => each !== undefined);
  return {
    id: Number(serverId),
    listening: server.listenSocket.map(({ name }) => name),
    calls: countsOf(server.data),
    connections,
    hasMore: !end,
  };
}

function connectionView({ ref, data, security, remote }: Socket, name: string): ConnectionView {
  return {
    id: Number(ref?.socketId ?? 0n),
    name: name === "" ? textOfAddress(remote) : name,
    streams: streamsOf(data),
    messagesSent: Number(data?.messagesSent ?? 0n),
    messagesReceived: Number(data?.messagesReceived ?? 0n),
    security: securityOf(security),
  };
}

/** Some servers give connections no names. */
function textOfAddress(address: Socket["remote"]): string {
  const { case: kind, value } = address?.address ?? { case: undefined };
  if (kind === "udsAddress") return `unix:${value.filename}`;
  if (kind === "otherAddress") return value.name;
  if (kind === undefined) return "unknown";
  const { ipAddress, port } = value;
  if (ipAddress.length === 4) return `${ipAddress.join(".")}:${port}`;
  const groups = Array.from({ length: ipAddress.length / 2 }, (_, i) => {
    return (((ipAddress[2 * i] ?? 0) << 8) | (ipAddress[2 * i + 1] ?? 0)).toString(16);
  });
  return `[${groups.join(":")}]:${port}`;
}

function securityOf(security: Socket["security"]): string {
  if (security?.model.case === "other") return security.model.value.name;
  return security?.model.case === "tls" ? (security.model.value.cipherSuite.value ?? "TLS") : "none";
}

function channelView({ ref, data, subchannelRef }: Channel): ChannelView {
  const event = data?.trace?.events.at(-1)?.description;
  return {
    id: Number(ref?.channelId ?? 0n),
    target: data?.target ?? "",
    state: State[data?.state?.state ?? State.UNKNOWN],
    calls: countsOf(data),
    subchannels: subchannelRef.length,
    event,
  };
}

function countsOf(data: Server["data"] | Channel["data"]): Counts {
  const { callsStarted = 0n, callsSucceeded = 0n, callsFailed = 0n } = data ?? {};
  return { started: Number(callsStarted), succeeded: Number(callsSucceeded), failed: Number(callsFailed) };
}

function streamsOf(data: SocketData | undefined): Counts {
  const { streamsStarted = 0n, streamsSucceeded = 0n, streamsFailed = 0n } = data ?? {};
  return { started: Number(streamsStarted), succeeded: Number(streamsSucceeded), failed: Number(streamsFailed) };
}
