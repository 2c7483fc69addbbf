import { Channelz as descriptor } from "../../gen/grpc/channelz/v1/channelz_pb.js";
import { type GenServiceClient, type GenServiceHandlers, type Service, serviceFromDesc } from "../../index.js";

export type ChannelzClient = GenServiceClient<typeof descriptor>;
export type ChannelzHandlers = GenServiceHandlers<typeof descriptor>;

/** grpc.channelz.v1.Channelz: for server.add, and for createClient. */
export const Channelz: Service<ChannelzClient, ChannelzHandlers> = serviceFromDesc(descriptor);
