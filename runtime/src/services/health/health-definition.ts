import { Health as descriptor } from "../../gen/grpc/health/v1/health_pb.js";
import { type GenServiceClient, type GenServiceHandlers, type Service, serviceFromDesc } from "../../index.js";

export type HealthClient = GenServiceClient<typeof descriptor>;
export type HealthHandlers = GenServiceHandlers<typeof descriptor>;

/** grpc.health.v1.Health: for server.add, and for createClient. */
export const Health: Service<HealthClient, HealthHandlers> = serviceFromDesc(descriptor);
