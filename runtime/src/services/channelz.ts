/**
 * The entry `godwit/channelz`: what the channels, servers and connections of this process are doing, for grpcdebug and its
 * like (gRFC A14). Whoever can call it sees targets, addresses and certificates: it is for a port that strangers cannot reach.
 */

export { Channelz, type ChannelzClient, type ChannelzHandlers } from "./channelz/channelz-definition.js";
export { createChannelzService } from "./channelz/channelz-service.js";
