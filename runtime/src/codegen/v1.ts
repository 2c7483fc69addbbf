/**
 * What generated code imports, and nothing else does. A name here keeps its meaning for as long as the folder is called
 * v1; what must change gets a v2 beside it.
 */
export { defineService } from "../codec/define-service.js";
export type { CallOptions } from "../rpc/call-options.js";
export type { HandlerContext } from "../rpc/handler-context.js";
export type { MessageSource, ServerStream } from "../rpc/message-source.js";
export type { Service } from "../rpc/service.js";
