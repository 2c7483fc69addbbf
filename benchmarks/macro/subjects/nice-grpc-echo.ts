/**
 * EchoService for nice-grpc, in the form of ts-proto's definitions, which it calls without a conversion: from those of
 * grpc-js it would copy every message that it reads. The codec is grpc-js's here, protobufjs; ts-proto's own code was made for
 * the same reader and writer.
 */
import type { TsProtoMessageType } from "nice-grpc/lib/service-definitions/ts-proto.js";
import {
  type ClientStreamRequest,
  type ClientStreamResponse,
  type IndexedMessage,
  messageType,
  type ServerStreamRequest,
  type UnaryMessage,
} from "./grpc-js-echo.js";

function codecOf<T>(name: string): TsProtoMessageType<T> {
  const type = messageType(name);
  return {
    encode: (message) => type.encode(message as object),
    decode: (bytes) => type.decode(bytes) as unknown as T,
  };
}

export const echoDefinition = {
  name: "EchoService",
  fullName: "godwit.testing.v1.EchoService",
  methods: {
    unary: {
      name: "Unary",
      requestType: codecOf<UnaryMessage>("UnaryRequest"),
      requestStream: false,
      responseType: codecOf<UnaryMessage>("UnaryResponse"),
      responseStream: false,
      options: {},
    },
    serverStream: {
      name: "ServerStream",
      requestType: codecOf<ServerStreamRequest>("ServerStreamRequest"),
      requestStream: false,
      responseType: codecOf<IndexedMessage>("ServerStreamResponse"),
      responseStream: true,
      options: {},
    },
    clientStream: {
      name: "ClientStream",
      requestType: codecOf<ClientStreamRequest>("ClientStreamRequest"),
      requestStream: true,
      responseType: codecOf<ClientStreamResponse>("ClientStreamResponse"),
      responseStream: false,
      options: {},
    },
    bidi: {
      name: "Bidi",
      requestType: codecOf<IndexedMessage>("BidiRequest"),
      requestStream: true,
      responseType: codecOf<IndexedMessage>("BidiResponse"),
      responseStream: true,
      options: {},
    },
  },
} as const;
