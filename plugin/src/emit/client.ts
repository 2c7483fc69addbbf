import type { DescMethod } from "@bufbuild/protobuf";
import type { Printable } from "@bufbuild/protoplugin";
import { clientMethodDoc, detachedComments, serviceDoc } from "../comments.js";
import type { ServiceNames } from "../names.js";
import { initName, methodKey, type StubFile } from "./stub-file.js";

/** The interface that callers use: one signature a method, so that an object literal can stand in for it. */
export function printClient(stub: StubFile, service: ServiceNames): void {
  const { f, symbols } = stub;
  for (const comment of detachedComments(service.desc, "")) f.print(comment);
  f.print(f.jsDoc(serviceDoc(service.desc)));
  f.print(f.export("interface", service.client), " {");
  for (const { desc, localName } of service.methods) {
    for (const comment of detachedComments(desc, "  ")) f.print(comment);
    f.print(f.jsDoc(clientMethodDoc(desc), "  "));
    const parameters = [...requestParameter(stub, desc), ", options?: ", symbols.callOptions];
    f.print("  ", methodKey(localName), "(", ...parameters, "): ", ...responseType(stub, desc), ";");
  }
  f.print("}");
  f.print();
}

function requestParameter({ names, symbols }: StubFile, method: DescMethod): Printable[] {
  const init = initName(names, method.input);
  const streams = method.methodKind === "client_streaming" || method.methodKind === "bidi_streaming";
  return streams ? ["requests: ", symbols.messageSource, "<", init, ">"] : ["request: ", init];
}

function responseType({ f, symbols }: StubFile, method: DescMethod): Printable[] {
  const streams = method.methodKind === "server_streaming" || method.methodKind === "bidi_streaming";
  return [streams ? symbols.serverStream : symbols.promise, "<", f.importShape(method.output), ">"];
}
