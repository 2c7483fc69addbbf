import { create, createFileRegistry, type DescService } from "@bufbuild/protobuf";
import {
  FileDescriptorSetSchema,
  file_google_protobuf_wrappers,
  type StringValue,
  StringValueSchema,
} from "@bufbuild/protobuf/wkt";
import { defineService } from "../../src/codec/define-service.js";
import type { CallOptions } from "../../src/rpc/call-options.js";
import type { HandlerContext } from "../../src/rpc/handler-context.js";
import type { MessageSource, ServerStream } from "../../src/rpc/message-source.js";
import type { MethodDescriptor, MethodKind } from "../../src/rpc/method-descriptor.js";
import type { Service } from "../../src/rpc/service.js";

export type Text = StringValue;
export interface TextInit {
  value?: string;
}

export interface EchoClient {
  unary(request: TextInit, options?: CallOptions): Promise<Text>;
  upload(requests: MessageSource<TextInit>, options?: CallOptions): Promise<Text>;
  list(request: TextInit, options?: CallOptions): ServerStream<Text>;
  chat(requests: MessageSource<TextInit>, options?: CallOptions): ServerStream<Text>;
}

export interface EchoHandlers {
  unary(request: Text, context: HandlerContext): Promise<TextInit> | TextInit;
  upload(requests: AsyncIterable<Text>, context: HandlerContext): Promise<TextInit> | TextInit;
  list(request: Text, context: HandlerContext): MessageSource<TextInit>;
  chat(requests: AsyncIterable<Text>, context: HandlerContext): MessageSource<TextInit>;
}

/** One method of each kind; every message is a google.protobuf.StringValue. */
export function describeEcho(name = "Echo"): DescService {
  const type = ".google.protobuf.StringValue";
  const method = [
    { name: "Unary" },
    { name: "Upload", clientStreaming: true },
    { name: "List", serverStreaming: true },
    { name: "Chat", clientStreaming: true, serverStreaming: true },
  ].map((sketch) => ({ ...sketch, inputType: type, outputType: type }));
  const file = {
    name: "echo.proto",
    package: "test.v1",
    syntax: "proto3",
    dependency: ["google/protobuf/wrappers.proto"],
    service: [{ name, method }],
  };
  const registry = createFileRegistry(
    create(FileDescriptorSetSchema, { file: [file_google_protobuf_wrappers.proto, file] }),
  );
  const desc = registry.getService(`test.v1.${name}`);
  if (desc === undefined) throw new Error("the service is not in its registry");
  return desc;
}

function define(name: string, kind: MethodKind) {
  return {
    path: `/test.v1.Echo/${name}`,
    name,
    kind,
    idempotency: "IDEMPOTENCY_UNKNOWN",
    request: StringValueSchema,
    response: StringValueSchema,
  } as const;
}

export const Echo: Service<EchoClient, EchoHandlers> = defineService<EchoClient, EchoHandlers>(describeEcho(), {
  unary: define("Unary", "unary"),
  upload: define("Upload", "client_streaming"),
  list: define("List", "server_streaming"),
  chat: define("Chat", "bidi_streaming"),
});

export function echoMethod(localName: keyof EchoClient): MethodDescriptor {
  const method = Echo.methods.find((candidate) => candidate.localName === localName);
  if (method === undefined) throw new Error(`no method ${localName}`);
  return method;
}

export function text(value: string): Text {
  return create(StringValueSchema, { value });
}
