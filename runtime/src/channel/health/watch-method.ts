import { create } from "@bufbuild/protobuf";
import { serviceFromDesc } from "../../codec/describe-service.js";
import {
  Health,
  type HealthCheckRequest,
  HealthCheckRequestSchema,
  type HealthCheckResponse,
  HealthCheckResponse_ServingStatus as ServingStatus,
} from "../../gen/grpc/health/v1/health_pb.js";
import type { MethodDescriptor } from "../../rpc/method-descriptor.js";

/** grpc.health.v1.Health.Watch. */
export function watchMethod(): MethodDescriptor {
  return serviceFromDesc(Health).methods.find(({ desc }) => desc === Health.method.watch) as MethodDescriptor;
}

export function watchRequest(service: string): HealthCheckRequest {
  return create(HealthCheckRequestSchema, { service });
}

/** @param message What Watch answers with. */
export function isServing(message: unknown): boolean {
  return (message as HealthCheckResponse).status === ServingStatus.SERVING;
}

/** `NOT_SERVING`, and the number of a status that nobody knows. */
export function servingStatusName(message: unknown): string {
  const { status } = message as HealthCheckResponse;
  return ServingStatus[status] ?? `status ${status}`;
}
