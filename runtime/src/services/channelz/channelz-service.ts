import { type Channel, openChannels, openServers, type Server, StatusCode, StatusError } from "../../index.js";
import type { ChannelzHandlers } from "./channelz-definition.js";
import { findSocket, findSubchannel } from "./find.js";
import { toChannel, toServer, toSubchannel } from "./messages.js";

/** Items of a page where the client leaves it to the server, and at most. */
const usualPage = 100;
const largestPage = 500;

/** Answers with what lives in this process when it is asked: `server.add(Channelz, createChannelzService())`. */
export function createChannelzService(): ChannelzHandlers {
  return handlers;
}

const handlers: ChannelzHandlers = {
  getTopChannels({ startChannelId, maxResults }) {
    const { items, end } = page(openChannels(), startChannelId, maxResults);
    return { channel: items.map((channel) => toChannel(channel.describe())), end };
  },

  getServers({ startServerId, maxResults }) {
    const { items, end } = page(openServers(), startServerId, maxResults);
    return { server: items.map((server) => toServer(server.describe())), end };
  },

  getServer({ serverId }) {
    return { server: toServer(findServer(serverId).describe()) };
  },

  getServerSockets({ serverId, startSocketId, maxResults }) {
    const size = pageSize(startSocketId, maxResults);
    const found = findServer(serverId).connections({ from: Number(startSocketId), limit: size + 1 });
    const socketRef = found.slice(0, size).map(({ id, peer }) => ({ socketId: BigInt(id), name: peer.address }));
    return { socketRef, end: found.length <= size };
  },

  getChannel({ channelId }) {
    const found = openChannels().find(({ id }) => id === Number(channelId));
    return { channel: toChannel((found ?? missing("channel", channelId)).describe()) };
  },

  getSubchannel({ subchannelId }) {
    return { subchannel: toSubchannel(findSubchannel(Number(subchannelId)) ?? missing("subchannel", subchannelId)) };
  },

  getSocket({ socketId }) {
    return { socket: findSocket(Number(socketId)) ?? missing("socket", socketId) };
  },
};

function findServer(serverId: bigint): Server {
  return openServers().find(({ id }) => id === Number(serverId)) ?? missing("server", serverId);
}

function page<T extends Channel | Server>(
  all: readonly T[],
  start: bigint,
  maxResults: bigint,
): { items: readonly T[]; end: boolean } {
  const size = pageSize(start, maxResults);
  const rest = all.filter(({ id }) => id >= Number(start));
  return { items: rest.slice(0, size), end: rest.length <= size };
}

function pageSize(start: bigint, maxResults: bigint): number {
  if (start < 0n || maxResults < 0n) {
    const message = `the page starts at ${start} and has ${maxResults} items at most, expected 0 or more of both`;
    throw new StatusError(StatusCode.INVALID_ARGUMENT, message);
  }
  return maxResults === 0n ? usualPage : Math.min(Number(maxResults), largestPage);
}

function missing(what: string, id: bigint): never {
  throw new StatusError(StatusCode.NOT_FOUND, `no ${what} of this process has the id ${id}`);
}
