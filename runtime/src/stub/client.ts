import type { DescService } from "@bufbuild/protobuf";
import { type GenServiceClient, serviceFromDesc } from "../codec/describe-service.js";
import { withAmbientContext } from "../rpc/ambient-context.js";
import { type CallOptions, noCallOptions } from "../rpc/call-options.js";
import type { Invoker } from "../rpc/invoker.js";
import type { MethodDescriptor } from "../rpc/method-descriptor.js";
import type { Service } from "../rpc/service.js";
import { callBidi } from "./bidi.js";
import { callClientStream } from "./client-stream.js";
import { callServerStream } from "./server-stream.js";
import { callUnary } from "./unary.js";

/**
 * Creates a client: a plain object with one function for each method, and nothing else. What it calls through (a
 * channel, `server.inProcess()`, any Invoker) is opened and closed by its owner.
 */
export function createClient<Client, Handlers>(service: Service<Client, Handlers>, invoker: Invoker): Client;
/** The same for a service of protoc-gen-es, without protoc-gen-godwit's stub. */
export function createClient<Desc extends DescService>(service: Desc, invoker: Invoker): GenServiceClient<Desc>;
export function createClient(service: Service | DescService, invoker: Invoker): unknown {
  const { methods } = "kind" in service ? serviceFromDesc(service) : service;
  const client = {};
  for (const method of methods) {
    // A client with `then` would be taken for a promise by whoever awaits it.
    const name = method.localName === "then" ? "then$" : method.localName;
    Object.defineProperty(client, name, {
      value: bindMethod(invoker, method),
      enumerable: true,
      writable: true,
      configurable: true,
    });
  }
  return client;
}

type BoundMethod = (request: unknown, options?: CallOptions) => unknown;

function bindMethod(invoker: Invoker, method: MethodDescriptor): BoundMethod {
  switch (method.kind) {
    case "unary":
      return (request, options = noCallOptions) => callUnary(invoker, method, request, withAmbientContext(options));
    case "client_streaming":
      return (source, options = noCallOptions) =>
        callClientStream(invoker, method, source, withAmbientContext(options));
    case "server_streaming":
      return (request, options = noCallOptions) =>
        callServerStream(invoker, method, request, withAmbientContext(options));
    case "bidi_streaming":
      return (source, options = noCallOptions) => callBidi(invoker, method, source, withAmbientContext(options));
  }
}
