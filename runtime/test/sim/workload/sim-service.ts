import { create, createFileRegistry } from "@bufbuild/protobuf";
import {
  type BytesValue,
  BytesValueSchema,
  FileDescriptorSetSchema,
  file_google_protobuf_wrappers,
} from "@bufbuild/protobuf/wkt";
import { defineService } from "../../../src/codec/define-service.js";
import type { CallOptions } from "../../../src/rpc/call-options.js";
import type { HandlerContext } from "../../../src/rpc/handler-context.js";
import type { MessageSource, ServerStream } from "../../../src/rpc/message-source.js";
import type { MethodKind } from "../../../src/rpc/method-descriptor.js";
import type { Service } from "../../../src/rpc/service.js";

export type Chunk = BytesValue;
export interface ChunkInit {
  value?: Uint8Array;
}

export interface SimClient {
  unary(request: ChunkInit, options?: CallOptions): Promise<Chunk>;
  upload(requests: MessageSource<ChunkInit>, options?: CallOptions): Promise<Chunk>;
  list(request: ChunkInit, options?: CallOptions): ServerStream<Chunk>;
  chat(requests: MessageSource<ChunkInit>, options?: CallOptions): ServerStream<Chunk>;
}

export interface SimHandlers {
  unary(request: Chunk, context: HandlerContext): Promise<ChunkInit> | ChunkInit;
  upload(requests: AsyncIterable<Chunk>, context: HandlerContext): Promise<ChunkInit> | ChunkInit;
  list(request: Chunk, context: HandlerContext): MessageSource<ChunkInit>;
  chat(requests: AsyncIterable<Chunk>, context: HandlerContext): MessageSource<ChunkInit>;
}

const methods: readonly { readonly name: string; readonly kind: MethodKind }[] = [
  { name: "Unary", kind: "unary" },
  { name: "Upload", kind: "client_streaming" },
  { name: "List", kind: "server_streaming" },
  { name: "Chat", kind: "bidi_streaming" },
];

function describeSim() {
  const type = ".google.protobuf.BytesValue";
  const method = methods.map(({ name, kind }) => ({
    name,
    inputType: type,
    outputType: type,
    clientStreaming: kind === "client_streaming" || kind === "bidi_streaming",
    serverStreaming: kind === "server_streaming" || kind === "bidi_streaming",
  }));
  const file = {
    name: "sim.proto",
    package: "sim.v1",
    syntax: "proto3",
    dependency: ["google/protobuf/wrappers.proto"],
    service: [{ name: "Sim", method }],
  };
  const files = create(FileDescriptorSetSchema, { file: [file_google_protobuf_wrappers.proto, file] });
  const desc = createFileRegistry(files).getService("sim.v1.Sim");
  if (desc === undefined) throw new Error("the service is not in its registry");
  return desc;
}

function define(name: string, kind: MethodKind) {
  return {
    path: `/sim.v1.Sim/${name}`,
    name,
    kind,
    idempotency: "IDEMPOTENCY_UNKNOWN",
    request: BytesValueSchema,
    response: BytesValueSchema,
  } as const;
}

/** One method of each kind, whose messages are nothing but bytes. */
export const Sim: Service<SimClient, SimHandlers> = defineService<SimClient, SimHandlers>(describeSim(), {
  unary: define("Unary", "unary"),
  upload: define("Upload", "client_streaming"),
  list: define("List", "server_streaming"),
  chat: define("Chat", "bidi_streaming"),
});
