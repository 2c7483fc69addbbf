import type { DescMethod } from "@bufbuild/protobuf";
import type { Printable } from "@bufbuild/protoplugin";
import { handlerMethodDoc, serviceDoc } from "../comments.js";
import type { ServiceNames } from "../names.js";
import { initName, methodKey, type StubFile } from "./stub-file.js";

/** The interface that servers implement, concrete so that an editor can write the methods out. */
export function printHandlers(stub: StubFile, service: ServiceNames): void {
  const { f, symbols } = stub;
  f.print(f.jsDoc(serviceDoc(service.desc)));
  f.print(f.export("interface", service.handlers), " {");
  for (const { desc, localName } of service.methods) {
    f.print(f.jsDoc(handlerMethodDoc(desc), "  "));
    const parameters = [...requestParameter(stub, desc), ", context: ", symbols.handlerContext];
    f.print("  ", methodKey(localName), "(", ...parameters, "): ", ...responseType(stub, desc), ";");
  }
  f.print("}");
  f.print();
}

function requestParameter({ f, symbols }: StubFile, method: DescMethod): Printable[] {
  const shape = f.importShape(method.input);
  const streams = method.methodKind === "client_streaming" || method.methodKind === "bidi_streaming";
  return streams ? ["requests: ", symbols.asyncIterable, "<", shape, ">"] : ["request: ", shape];
}

function responseType({ names, symbols }: StubFile, method: DescMethod): Printable[] {
  const init = initName(names, method.output);
  const streams = method.methodKind === "server_streaming" || method.methodKind === "bidi_streaming";
  return streams ? [symbols.messageSource, "<", init, ">"] : [symbols.promise, "<", init, "> | ", init];
}
