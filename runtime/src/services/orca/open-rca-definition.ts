import { OpenRcaService as descriptor } from "../../gen/xds/service/orca/v3/orca_pb.js";
import { type GenServiceClient, type GenServiceHandlers, type Service, serviceFromDesc } from "../../index.js";

export type OpenRcaClient = GenServiceClient<typeof descriptor>;
export type OpenRcaHandlers = GenServiceHandlers<typeof descriptor>;

/** xds.service.orca.v3.OpenRcaService: for server.add, and for createClient. */
export const OpenRca: Service<OpenRcaClient, OpenRcaHandlers> = serviceFromDesc(descriptor);
