import type { ChannelDescription, SubchannelDescription } from "../../src/channel/channel-description.js";

/** What a channel is doing, without its ids and what it has done. */
export function doings(description: ChannelDescription): object {
  const { id: _id, calls: _calls, events: _events, subchannels, ...rest } = description;
  return { ...rest, subchannels: subchannels.map(doingsOf) };
}

/** The same of a subchannel. */
export function doingsOf(description: SubchannelDescription): object {
  const { address, state, lastError, waitingCalls, connections } = description;
  const told = connections.map(({ peer, activeCalls, freeStreams }) => ({ peer, activeCalls, freeStreams }));
  return { address, state, lastError, waitingCalls, connections: told };
}
