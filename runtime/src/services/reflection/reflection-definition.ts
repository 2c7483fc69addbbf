import { ServerReflection as descriptor } from "../../gen/grpc/reflection/v1/reflection_pb.js";
import { ServerReflection as olderDescriptor } from "../../gen/grpc/reflection/v1alpha/reflection_pb.js";
import { type GenServiceClient, type GenServiceHandlers, type Service, serviceFromDesc } from "../../index.js";

export type ReflectionClient = GenServiceClient<typeof descriptor>;
export type ReflectionHandlers = GenServiceHandlers<typeof descriptor>;
export type ReflectionV1AlphaClient = GenServiceClient<typeof olderDescriptor>;
export type ReflectionV1AlphaHandlers = GenServiceHandlers<typeof olderDescriptor>;

/** grpc.reflection.v1.ServerReflection: for createClient. */
export const Reflection: Service<ReflectionClient, ReflectionHandlers> = serviceFromDesc(descriptor);

/** grpc.reflection.v1alpha.ServerReflection: the same for servers that are older than v1. */
export const ReflectionV1Alpha: Service<ReflectionV1AlphaClient, ReflectionV1AlphaHandlers> =
  serviceFromDesc(olderDescriptor);
