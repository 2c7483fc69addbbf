import type { DescEnum, DescField, DescFile, DescMessage, DescMethod, DescService } from "@bufbuild/protobuf";

type Commented = DescService | DescMethod | DescMessage | DescField | DescEnum;

/** Comments of one .proto by path, as FileDescriptorProto.source_code_info has them. Most servers leave them out. */
const byFile = new WeakMap<DescFile, ReadonlyMap<string, string>>();

/** What stands in front of a declaration, or behind it on its line. Empty where the server does not tell. */
export function commentOf(desc: Commented): string {
  return lookUp(desc.kind === "field" ? desc.parent.file : fileOf(desc), pathOf(desc));
}

export function commentOfValue(desc: DescEnum, index: number): string {
  return lookUp(desc.file, [...pathOf(desc), 2, index]);
}

function lookUp(file: DescFile, path: readonly number[]): string {
  let comments = byFile.get(file);
  if (comments === undefined) {
    comments = readComments(file);
    byFile.set(file, comments);
  }
  return comments.get(path.join(".")) ?? "";
}

function readComments({ proto }: DescFile): Map<string, string> {
  const found = new Map<string, string>();
  for (const { path, leadingComments, trailingComments } of proto.sourceCodeInfo?.location ?? []) {
    const text = [leadingComments, trailingComments].map(trim).filter((each) => each !== "");
    if (text.length > 0) found.set(path.join("."), text.join("\n"));
  }
  return found;
}

/** One space behind `//` belongs to how comments are written. */
function trim(text: string): string {
  return text.replace(/^ /gm, "").trim();
}

function fileOf(desc: Exclude<Commented, DescField>): DescFile {
  return desc.kind === "rpc" ? desc.parent.file : desc.file;
}

/** Field numbers of descriptor.proto, and indices. */
function pathOf(desc: Commented): number[] {
  switch (desc.kind) {
    case "service":
      return [6, desc.file.proto.service.indexOf(desc.proto)];
    case "rpc":
      return [...pathOf(desc.parent), 2, desc.parent.proto.method.indexOf(desc.proto)];
    case "field":
      return [...pathOf(desc.parent), 2, desc.parent.proto.field.indexOf(desc.proto)];
    case "message":
      return desc.parent === undefined
        ? [4, desc.file.proto.messageType.indexOf(desc.proto)]
        : [...pathOf(desc.parent), 3, desc.parent.proto.nestedType.indexOf(desc.proto)];
    case "enum":
      return desc.parent === undefined
        ? [5, desc.file.proto.enumType.indexOf(desc.proto)]
        : [...pathOf(desc.parent), 4, desc.parent.proto.enumType.indexOf(desc.proto)];
  }
}
