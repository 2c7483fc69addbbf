import { create, type DescFile } from "@bufbuild/protobuf";
import {
  FileDescriptorProtoSchema,
  type SourceCodeInfo,
  type SourceCodeInfo_Location,
  SourceCodeInfo_LocationSchema,
  SourceCodeInfoSchema,
} from "@bufbuild/protobuf/wkt";
import type { GeneratedFile } from "@bufbuild/protoplugin";

/** Locations whose comments go to the top of the output: `syntax` or `edition`, and `package`. */
const headerFields: readonly number[] = [
  FileDescriptorProtoSchema.field.syntax.number,
  FileDescriptorProtoSchema.field.package.number,
];

/** Starts of lines that would be more than a comment behind `//`: `/// <reference …>`, `//# sourceMappingURL=…`. */
const directiveStart = /(^|[\n\r\u2028\u2029])(?=[/#@])/g;

/** Prints the header: the .proto's own comments there, who generated the file, and from what. */
export function printPreamble(f: GeneratedFile, file: DescFile): void {
  const sourceCodeInfo = plainComments(file.proto.sourceCodeInfo);
  f.preamble({ ...file, proto: Object.create(file.proto, { sourceCodeInfo: { value: sourceCodeInfo } }) });
}

function plainComments(info: SourceCodeInfo | undefined): SourceCodeInfo {
  const locations = info?.location ?? [];
  const header = locations.filter(({ path }) => path.length === 1 && headerFields.includes(path[0] ?? 0));
  return create(SourceCodeInfoSchema, { location: header.map(plainLocation) });
}

function plainLocation(location: SourceCodeInfo_Location): SourceCodeInfo_Location {
  const plain = (comment: string) => comment.replace(directiveStart, "$1 ");
  const plainer = create(SourceCodeInfo_LocationSchema, {
    path: location.path,
    leadingDetachedComments: location.leadingDetachedComments.map(plain),
  });
  if (location.leadingComments !== "") plainer.leadingComments = plain(location.leadingComments);
  return plainer;
}
