import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { SecuritySchema, SocketDataSchema, SocketSchema } from "../../gen/grpc/channelz/v1/channelz_pb.js";
import type { ConnectionDescription, ConnectionReport, ListenerDescription, Peer, TrafficReport } from "../../index.js";
import { toAddress } from "./socket-address.js";

export type SocketMessage = MessageInitShape<typeof SocketSchema>;

/** A connection of a server. */
export function toServerSocket({ id, peer, local, traffic }: ConnectionReport): SocketMessage {
  const { lastStreamAt } = traffic;
  return {
    ref: { socketId: BigInt(id), name: peer.address },
    data: {
      ...socketData(traffic),
      ...(lastStreamAt && { lastRemoteStreamCreatedTimestamp: timestampFromDate(lastStreamAt) }),
    },
    ...ends(local, peer.address),
    ...toSecurity(peer.tls),
  };
}

/** A connection of a channel. */
export function toClientSocket({ id, peer, local, tls, traffic }: ConnectionDescription): SocketMessage {
  const { lastStreamAt } = traffic;
  return {
    ref: { socketId: BigInt(id), name: peer },
    data: {
      ...socketData(traffic),
      ...(lastStreamAt && { lastLocalStreamCreatedTimestamp: timestampFromDate(lastStreamAt) }),
    },
    ...ends(local, peer),
    ...toSecurity(tls),
  };
}

export function toListenSocket({ id, address }: ListenerDescription): SocketMessage {
  return { ref: { socketId: BigInt(id), name: address }, local: toAddress(address) };
}

function ends(local: string | undefined, remote: string): Pick<SocketMessage, "local" | "remote"> {
  return { ...(local !== undefined && { local: toAddress(local) }), remote: toAddress(remote) };
}

function socketData(traffic: TrafficReport): MessageInitShape<typeof SocketDataSchema> {
  const { lastMessageSentAt, lastMessageReceivedAt } = traffic;
  return {
    streamsStarted: BigInt(traffic.streamsStarted),
    streamsSucceeded: BigInt(traffic.streamsSucceeded),
    streamsFailed: BigInt(traffic.streamsFailed),
    messagesSent: BigInt(traffic.messagesSent),
    messagesReceived: BigInt(traffic.messagesReceived),
    keepAlivesSent: BigInt(traffic.keepalivesSent),
    localFlowControlWindow: BigInt(traffic.sendWindow),
    remoteFlowControlWindow: BigInt(traffic.receiveWindow),
    ...(lastMessageSentAt && { lastMessageSentTimestamp: timestampFromDate(lastMessageSentAt) }),
    ...(lastMessageReceivedAt && { lastMessageReceivedTimestamp: timestampFromDate(lastMessageReceivedAt) }),
  };
}

function toSecurity(tls: Peer["tls"]): { security?: MessageInitShape<typeof SecuritySchema> } {
  if (tls === undefined) return {};
  const remoteCertificate = tls.identity?.certificate;
  const cipherSuite = { case: "standardName", value: tls.cipher } as const;
  const value = { cipherSuite, ...(remoteCertificate && { remoteCertificate }) };
  return { security: { model: { case: "tls", value } } };
}
