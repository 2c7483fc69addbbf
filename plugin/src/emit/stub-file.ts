import type { DescMessage } from "@bufbuild/protobuf";
import type { GeneratedFile, ImportSymbol, Target } from "@bufbuild/protoplugin";
import type { FileNames } from "../names.js";
import type { CodecFile } from "./codec/codec-file.js";

/** One output while it is printed: where to, for which target, and what it refers to. */
export interface StubFile {
  readonly f: GeneratedFile;
  readonly target: Target;
  readonly names: FileNames;
  readonly symbols: Symbols;
  readonly codecs: CodecFile;
}

/** What a stub refers to beside messages. Printing one imports it, under another name where the file uses its own. */
export interface Symbols {
  readonly callOptions: ImportSymbol;
  readonly handlerContext: ImportSymbol;
  readonly messageSource: ImportSymbol;
  readonly serverStream: ImportSymbol;
  readonly serviceType: ImportSymbol;
  readonly defineService: ImportSymbol;
  readonly messageInitShape: ImportSymbol;
  readonly promise: ImportSymbol;
  readonly asyncIterable: ImportSymbol;
}

/**
 * `path` is the output's own path without extension. The two globals are declared as symbols of the output itself:
 * protoplugin then imports a message called Promise or AsyncIterable under another name instead of shadowing the global.
 */
export function createSymbols(f: GeneratedFile, runtime: string, path: string): Symbols {
  const entry = `${runtime}/codegen/v1`;
  const self = `./${path}.js`;
  return {
    callOptions: f.import("CallOptions", entry, true),
    handlerContext: f.import("HandlerContext", entry, true),
    messageSource: f.import("MessageSource", entry, true),
    serverStream: f.import("ServerStream", entry, true),
    serviceType: f.import("Service", entry, true),
    defineService: f.import("defineService", entry),
    messageInitShape: f.import("MessageInitShape", "@bufbuild/protobuf", true),
    promise: f.import("Promise", self, true),
    asyncIterable: f.import("AsyncIterable", self, true),
  };
}

/** Name of the init type of a message that a method of this file uses. */
export function initName(names: FileNames, message: DescMessage): string {
  return names.inits.get(message) as string;
}

/** A method's name where an interface declares it: `new(…)` there would be a construct signature. */
export function methodKey(localName: string): string {
  return localName === "new" ? `"new"` : localName;
}
