import type { DescMessage, DescMethod } from "@bufbuild/protobuf";
import type { GeneratedFile, Printable } from "@bufbuild/protoplugin";
import { serviceDoc } from "../comments.js";
import { idempotencyName } from "../idempotency.js";
import { methodDefaults, type Policy } from "../method-defaults.js";
import type { MethodNames, ServiceNames } from "../names.js";
import { stringLiteral } from "../string-literal.js";
import { type CodecFile, codecFunctions } from "./codec/codec-file.js";
import type { StubFile } from "./stub-file.js";

/** The constant that createClient and server.add take: what the wire needs of each method, written out. */
export function printService(stub: StubFile, service: ServiceNames): void {
  const { f, symbols, target } = stub;
  const types: Printable[] = ["<", service.client, ", ", service.handlers, ">"];
  const annotation: Printable[] = [": ", symbols.serviceType, ...types];
  f.print(f.jsDoc(serviceDoc(service.desc)));
  if (target === "dts") {
    f.print(f.export("declare const", service.service), ...annotation, ";");
    f.print();
    return;
  }
  const typed = target === "ts";
  f.print(
    f.export("const", service.service),
    ...(typed ? annotation : []),
    " = /*@__PURE__*/ ",
    symbols.defineService,
    ...(typed ? types : []),
    "(",
    f.importSchema(service.desc),
    ", {",
  );
  for (const method of service.methods) printMethod(stub, method);
  f.print("});");
  f.print();
}

function printMethod({ f, codecs }: StubFile, { desc, localName }: MethodNames): void {
  f.print("  ", localName, ": {");
  f.print("    path: ", stringLiteral(methodPath(desc)), ",");
  f.print("    name: ", stringLiteral(desc.name), ",");
  f.print("    kind: ", stringLiteral(desc.methodKind), ",");
  f.print("    idempotency: ", stringLiteral(idempotencyName(desc)), ",");
  printDefaults(f, desc);
  f.print("    request: ", f.importSchema(desc.input), ",");
  f.print("    response: ", f.importSchema(desc.output), ",");
  printCodec(codecs, "requestCodec", desc.input);
  printCodec(codecs, "responseCodec", desc.output);
  f.print("  },");
}

/** What the .proto says of its calls; nothing for the most of methods. */
function printDefaults(f: GeneratedFile, method: DescMethod): void {
  for (const [key, value] of Object.entries(methodDefaults(method))) {
    f.print("    ", key, ": ", typeof value === "object" ? policyLiteral(value) : String(value), ",");
  }
}

function policyLiteral(policy: Policy): string {
  const members = Object.entries(policy).map(
    ([key, value]) => `${key}: ${Array.isArray(value) ? `[${value.join(", ")}]` : String(value)}`,
  );
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}

function printCodec(codecs: CodecFile, key: string, message: DescMessage): void {
  const functions = codecFunctions(codecs, message);
  if (functions === undefined) return;
  codecs.f.print("    ", key, ": { encode: ", functions.encode, ", decode: ", functions.decode, " },");
}

/** `:path` of a call (PROTOCOL-HTTP2, Path). */
function methodPath(method: DescMethod): string {
  return `/${method.parent.typeName}/${method.name}`;
}
