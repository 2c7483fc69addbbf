/**
 * The entry `godwit/health`: the standard health service, which load balancers, Kubernetes and gRPC clients ask whether a
 * server can take calls (grpc/grpc doc/health-checking.md).
 */

export { HealthCheckResponse_ServingStatus as ServingStatus } from "../gen/grpc/health/v1/health_pb.js";
export { Health, type HealthClient, type HealthHandlers } from "./health/health-definition.js";
export { createHealthService, type HealthService } from "./health/health-service.js";
