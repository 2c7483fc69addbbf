/** The generator, pure: a request goes in, a response comes out; nothing here touches a process, a file or a clock. */
import { create, type DescFile } from "@bufbuild/protobuf";
import {
  type CodeGeneratorRequest,
  type CodeGeneratorResponse,
  CodeGeneratorResponseSchema,
} from "@bufbuild/protobuf/wkt";
import { createEcmaScriptPlugin, type Plugin, type Schema, type Target } from "@bufbuild/protoplugin";
import { printClient } from "./emit/client.js";
import { createCodecFile } from "./emit/codec/codec-file.js";
import { type CodecPlan, planCodecs } from "./emit/codec/codec-plan.js";
import { printCodecs, printForeign } from "./emit/codec/print-codecs.js";
import { printInitTypes } from "./emit/init-types.js";
import { printPreamble } from "./emit/preamble.js";
import { printHandlers } from "./emit/server.js";
import { printService } from "./emit/service.js";
import { createSymbols, type StubFile } from "./emit/stub-file.js";
import { GenerationError } from "./generation-error.js";
import { lintFile, type Warn } from "./lint.js";
import { nameFile } from "./names.js";
import { checkParameter, type PluginOptions, parseOptions } from "./options.js";
import { checkDistinct, checkProtoFile } from "./proto-file.js";
import { escapeControls } from "./string-literal.js";
import { version } from "./version.js";

const extensions: Readonly<Record<Target, string>> = { ts: ".ts", js: ".js", dts: ".d.ts" };

/**
 * protoc-gen-godwit. What is wrong with the .proto files or the options is told in the response's `error`, as
 * plugin.proto asks; what only looks wrong goes to `warn`; only a bug is thrown.
 */
export function createProtocGenGodwit(warn: Warn): Plugin {
  /** A run has several targets, and says things once. */
  let told = new Set<string>();
  const tell: Warn = (sentence) => {
    if (!told.has(sentence)) warn(escapeControls(sentence));
    told.add(sentence);
  };
  const generateTarget = (schema: Schema<PluginOptions>, target: Target) => generate(schema, target, tell);
  const {
    name,
    version: itsVersion,
    run,
  } = createEcmaScriptPlugin<PluginOptions>({
    name: "protoc-gen-godwit",
    version: `v${version}`,
    parseOptions,
    generateTs: generateTarget,
    generateJs: generateTarget,
    generateDts: generateTarget,
  });
  return {
    name,
    version: itsVersion,
    run(request: CodeGeneratorRequest): CodeGeneratorResponse {
      told = new Set();
      try {
        checkParameter(request.parameter);
        for (const file of request.protoFile) checkProtoFile(file.name, file.package);
        return run(request);
      } catch (error) {
        if (!isComplaint(error)) throw error;
        return create(CodeGeneratorResponseSchema, { error: escapeControls(error.message) });
      }
    },
  };
}

/** The same, silent about what only looks wrong. */
export const protocGenGodwit: Plugin = createProtocGenGodwit(() => {});

/** Ours, or protobuf-es's: it tells what is wrong with a descriptor in a plain Error; a bug is a TypeError or the like. */
function isComplaint(error: unknown): error is Error {
  return error instanceof GenerationError || (error instanceof Error && error.constructor === Error);
}

function generate(schema: Schema<PluginOptions>, target: Target, warn: Warn): void {
  const { options } = schema;
  const plan = planCodecs(schema.files, options.codec);
  const files = schema.files.filter(
    (file) => file.services.length > 0 || plan.codecsOf(file).length > 0 || options.keepEmptyFiles,
  );
  checkDistinct(files.map((file) => file.proto.name));
  for (const file of files) {
    lintFile(file, options.lint, warn);
    generateFile(schema, file, target, plan);
  }
}

function generateFile(schema: Schema<PluginOptions>, file: DescFile, target: Target, plan: CodecPlan): void {
  const path = `${file.name}_godwit`;
  const f = schema.generateFile(path + extensions[target]);
  printPreamble(f, file);
  const names = nameFile(file, f);
  const codecs = createCodecFile(f, file, target, plan, schema.options.runtime);
  const stub: StubFile = { f, target, names, symbols: createSymbols(f, schema.options.runtime, path), codecs };
  printForeign(codecs);
  if (target !== "js") printInitTypes(stub);
  for (const service of names.services) {
    if (target !== "js") {
      printClient(stub, service);
      printHandlers(stub, service);
    }
    printService(stub, service);
  }
  printCodecs(codecs);
}
