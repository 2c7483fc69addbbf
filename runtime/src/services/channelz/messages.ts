import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  type ChannelDataSchema,
  type ChannelSchema,
  type ChannelTraceSchema,
  type ServerSchema,
  ChannelTraceEvent_Severity as Severity,
  ChannelConnectivityState_State as State,
  type SubchannelSchema,
} from "../../gen/grpc/channelz/v1/channelz_pb.js";
import type {
  CallReport,
  ChannelDescription,
  ConnectivityState,
  EventReport,
  EventSeverity,
  ServerDescription,
  SubchannelDescription,
} from "../../index.js";

const states: Readonly<Record<ConnectivityState, State>> = {
  IDLE: State.IDLE,
  CONNECTING: State.CONNECTING,
  READY: State.READY,
  TRANSIENT_FAILURE: State.TRANSIENT_FAILURE,
  SHUTDOWN: State.SHUTDOWN,
};

const severities: Readonly<Record<EventSeverity, Severity>> = {
  info: Severity.CT_INFO,
  warning: Severity.CT_WARNING,
  error: Severity.CT_ERROR,
};

export function toChannel(channel: ChannelDescription): MessageInitShape<typeof ChannelSchema> {
  const { id, target, subchannels } = channel;
  return {
    ref: { channelId: BigInt(id), name: target },
    data: channelData(channel, target),
    subchannelRef: subchannels.map(({ id: subchannelId, address }) => ({
      subchannelId: BigInt(subchannelId),
      name: address,
    })),
  };
}

export function toSubchannel(subchannel: SubchannelDescription): MessageInitShape<typeof SubchannelSchema> {
  const { id, address, connections, draining } = subchannel;
  return {
    ref: { subchannelId: BigInt(id), name: address },
    data: channelData(subchannel, address),
    socketRef: [...connections, ...draining].map(({ id: socketId, peer }) => ({
      socketId: BigInt(socketId),
      name: peer,
    })),
  };
}

export function toServer({ id, listening, calls, events }: ServerDescription): MessageInitShape<typeof ServerSchema> {
  return {
    ref: { serverId: BigInt(id), name: listening.map(({ address }) => address).join(", ") },
    data: { trace: toTrace(events), ...callCounts(calls) },
    listenSocket: listening.map(({ id: socketId, address }) => ({ socketId: BigInt(socketId), name: address })),
  };
}

function channelData(
  { state, calls, events }: ChannelDescription | SubchannelDescription,
  target: string,
): MessageInitShape<typeof ChannelDataSchema> {
  return { state: { state: states[state] }, target, trace: toTrace(events), ...callCounts(calls) };
}

function callCounts({ started, succeeded, failed, lastStartedAt }: CallReport) {
  return {
    callsStarted: BigInt(started),
    callsSucceeded: BigInt(succeeded),
    callsFailed: BigInt(failed),
    ...(lastStartedAt && { lastCallStartedTimestamp: timestampFromDate(lastStartedAt) }),
  };
}

function toTrace({ since, total, latest }: EventReport): MessageInitShape<typeof ChannelTraceSchema> {
  return {
    numEventsLogged: BigInt(total),
    creationTimestamp: timestampFromDate(since),
    events: latest.map(({ at, severity, description, subchannelId }) => ({
      description,
      severity: severities[severity],
      timestamp: timestampFromDate(at),
      ...(subchannelId !== undefined && {
        childRef: { case: "subchannelRef", value: { subchannelId: BigInt(subchannelId) } } as const,
      }),
    })),
  };
}
