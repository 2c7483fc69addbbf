/**
 * The entry `godwit/reflection`: server reflection, by which grpcurl, buf curl and their like learn what a server answers
 * (grpc/grpc doc/server-reflection.md).
 */

export {
  Reflection,
  type ReflectionClient,
  type ReflectionHandlers,
  ReflectionV1Alpha,
  type ReflectionV1AlphaClient,
  type ReflectionV1AlphaHandlers,
} from "./reflection/reflection-definition.js";
export { addReflection, type ReflectionOptions } from "./reflection/reflection-service.js";
export { createRemoteSchema, type RemoteSchema } from "./reflection/remote-schema.js";
