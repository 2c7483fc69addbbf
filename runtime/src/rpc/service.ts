import type { DescService } from "@bufbuild/protobuf";
import type { MethodDescriptor } from "./method-descriptor.js";

/**
 * A service as stubs and servers take it. Made by generated code; `Client` and `Handlers` are its interfaces and exist
 * for the compiler alone.
 */
export interface Service<Client = unknown, Handlers = unknown> {
  /** Full name: `package.Service`. */
  readonly typeName: string;
  readonly methods: readonly MethodDescriptor[];
  /** The protobuf-es descriptor. */
  readonly desc: DescService;
  /** Never set. */
  readonly "~client"?: Client;
  /** Never set. */
  readonly "~handlers"?: Handlers;
}
