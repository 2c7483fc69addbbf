import type { DescFile, DescService } from "@bufbuild/protobuf";
import type { ServerReflectionRequest } from "../../gen/grpc/reflection/v1/reflection_pb.js";
import { type Server, type Service, StatusCode, StatusError } from "../../index.js";
import { DescriptorIndex } from "./descriptor-index.js";
import { Reflection, ReflectionV1Alpha } from "./reflection-definition.js";

export interface ReflectionOptions {
  /** The services that are told of, by themselves or by full name. Default: all that the server has when it is asked. */
  readonly services?: readonly (Service | DescService | string)[] | undefined;
  /** Files beside those of the services: of extensions that no service imports, of messages in a google.protobuf.Any. */
  readonly files?: readonly DescFile[] | undefined;
}

/** Characters of what was asked for that an error repeats. */
const echoedCharacters = 200;

type Question = Pick<ServerReflectionRequest, "host"> & {
  readonly messageRequest: Unnamed<ServerReflectionRequest["messageRequest"]>;
};

/** Without the name of the message: the two versions differ in nothing else. */
type Unnamed<T> = T extends object
  ? { [K in keyof T as K extends "$typeName" | "$unknown" ? never : K]: Unnamed<T[K]> }
  : T;

type Answer =
  | { readonly case: "fileDescriptorResponse"; readonly value: { readonly fileDescriptorProto: Uint8Array[] } }
  | {
      readonly case: "allExtensionNumbersResponse";
      readonly value: { readonly baseTypeName: string; readonly extensionNumber: number[] };
    }
  | { readonly case: "listServicesResponse"; readonly value: { readonly service: { readonly name: string }[] } }
  | { readonly case: "errorResponse"; readonly value: { readonly errorCode: number; readonly errorMessage: string } };

/**
 * Lets tools learn what the server answers: `addReflection(createServer().add(Shop, shop))`. Adds
 * grpc.reflection.v1.ServerReflection and its forerunner v1alpha. A service that is added later is told of, too.
 */
export function addReflection<S extends Server>(server: S, options: ReflectionOptions = {}): S {
  const book = new ServiceBook(server, options);
  server.add(Reflection, { serverReflectionInfo: (requests) => answers(book, requests) });
  server.add(ReflectionV1Alpha, { serverReflectionInfo: (requests) => answers(book, requests) });
  return server;
}

/** One call. Files that have been sent are remembered by name: there are no more of them than the server has. */
async function* answers<Request extends Question>(
  book: ServiceBook,
  requests: AsyncIterable<Request>,
): AsyncGenerator<{ validHost: string; originalRequest: Request; messageResponse: Answer }> {
  const sent = new Set<string>();
  for await (const request of requests) {
    const messageResponse = answer(book, request.messageRequest, sent);
    yield { validHost: request.host, originalRequest: request, messageResponse };
  }
}

function answer(book: ServiceBook, request: Question["messageRequest"], sent: Set<string>): Answer {
  const { index } = book;
  const fileAnswer = (file: DescFile | undefined, what: string): Answer => {
    if (file === undefined) return notFound(what);
    return { case: "fileDescriptorResponse", value: { fileDescriptorProto: index.withImports(file, sent) } };
  };
  switch (request.case) {
    case "fileByFilename":
      return fileAnswer(index.file(request.value), `file ${quote(request.value)}`);
    case "fileContainingSymbol":
      return fileAnswer(index.fileOfSymbol(request.value), `symbol ${quote(request.value)}`);
    case "fileContainingExtension": {
      const { containingType, extensionNumber } = request.value;
      const what = `extension ${extensionNumber} of ${quote(containingType)}`;
      return fileAnswer(index.fileOfExtension(containingType, extensionNumber), what);
    }
    case "allExtensionNumbersOfType": {
      const baseTypeName = request.value;
      const extensionNumber = index.extensionNumbers(baseTypeName);
      if (extensionNumber === undefined) return notFound(`message ${quote(baseTypeName)}`);
      return { case: "allExtensionNumbersResponse", value: { baseTypeName, extensionNumber } };
    }
    case "listServices":
      return { case: "listServicesResponse", value: { service: book.names.map((name) => ({ name })) } };
    case undefined:
      throw new StatusError(StatusCode.INVALID_ARGUMENT, "the request asks for nothing: message_request is not set");
  }
}

/** What a server has, indexed when it is first asked for and again when a service has come. */
class ServiceBook {
  readonly #server: Server;
  readonly #chosen: ReadonlySet<string> | undefined;
  readonly #files: readonly DescFile[];
  #index: DescriptorIndex | undefined;
  #indexedServices = 0;

  constructor(server: Server, { services, files = [] }: ReflectionOptions) {
    this.#server = server;
    this.#chosen = services && new Set(services.map((each) => (typeof each === "string" ? each : each.typeName)));
    this.#files = files;
  }

  /** Full names, sorted. */
  get names(): string[] {
    return this.#services.map(({ typeName }) => typeName).sort();
  }

  get index(): DescriptorIndex {
    const services = this.#services;
    // A server never loses a service.
    if (this.#index === undefined || this.#indexedServices !== services.length) {
      this.#index = new DescriptorIndex([...services.map(({ desc }) => desc.file), ...this.#files]);
      this.#indexedServices = services.length;
    }
    return this.#index;
  }

  get #services(): readonly Service[] {
    const chosen = this.#chosen;
    const services = this.#server.services();
    return chosen === undefined ? services : services.filter(({ typeName }) => chosen.has(typeName));
  }
}

function notFound(what: string): Answer {
  return { case: "errorResponse", value: { errorCode: StatusCode.NOT_FOUND, errorMessage: `there is no ${what}` } };
}

function quote(text: string): string {
  return JSON.stringify(text.length > echoedCharacters ? `${text.slice(0, echoedCharacters)}…` : text);
}
