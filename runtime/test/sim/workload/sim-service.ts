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
import type { IdempotencyLevel, MethodKind } from "../../../src/rpc/method-descriptor.js";
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

function describeSim(service: "Sim" | "SimAgain") {
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
    service: [
      { name: "Sim", method },
      { name: "SimAgain", method },
    ],
  };
  const files = create(FileDescriptorSetSchema, { file: [file_google_protobuf_wrappers.proto, file] });
  const desc = createFileRegistry(files).getService(`sim.v1.${service}`);
  if (desc === undefined) throw new Error("the service is not in its registry");
  return desc;
}

function define(service: "Sim" | "SimAgain", name: string, kind: MethodKind, idempotency: IdempotencyLevel) {
  return {
    path: `/sim.v1.${service}/${name}`,
    name,
    kind,
    idempotency,
    request: BytesValueSchema,
    response: BytesValueSchema,
  } as const;
}

function defineSim(service: "Sim" | "SimAgain", levels: readonly IdempotencyLevel[]) {
  const [unary, upload, list, chat] = methods.map(({ name, kind }, i) => {
    return define(service, name, kind, levels[i % levels.length] as IdempotencyLevel);
  }) as [Defined, Defined, Defined, Defined];
  return defineService<SimClient, SimHandlers>(describeSim(service), { unary, upload, list, chat });
}

type Defined = ReturnType<typeof define>;

/** One method of each kind, whose messages are nothing but bytes: nothing is known of what they do. */
export const Sim: Service<SimClient, SimHandlers> = defineSim("Sim", ["IDEMPOTENCY_UNKNOWN"]);

/** The same, and they may be repeated. */
export const SimAgain: Service<SimClient, SimHandlers> = defineSim("SimAgain", ["NO_SIDE_EFFECTS", "IDEMPOTENT"]);
