import { openChannels, openServers, type SubchannelDescription } from "../../index.js";
import { type SocketMessage, toClientSocket, toListenSocket, toServerSocket } from "./socket-messages.js";

export function findSubchannel(id: number): SubchannelDescription | undefined {
  for (const channel of openChannels()) {
    const found = channel.describe().subchannels.find((each) => each.id === id);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A connection of a server or of a channel, or a place where a server listens. */
export function findSocket(id: number): SocketMessage | undefined {
  return findServersSocket(id) ?? findChannelsSocket(id);
}

function findServersSocket(id: number): SocketMessage | undefined {
  for (const server of openServers()) {
    const [connection] = server.connections({ from: id, limit: 1 });
    if (connection?.id === id) return toServerSocket(connection);
    const listener = server.describe().listening.find((each) => each.id === id);
    if (listener !== undefined) return toListenSocket(listener);
  }
  return undefined;
}

function findChannelsSocket(id: number): SocketMessage | undefined {
  for (const channel of openChannels()) {
    for (const { connections, draining } of channel.describe().subchannels) {
      const found = [...connections, ...draining].find((each) => each.id === id);
      if (found !== undefined) return toClientSocket(found);
    }
  }
  return undefined;
}
