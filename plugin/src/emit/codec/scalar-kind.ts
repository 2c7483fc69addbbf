import { ScalarType } from "@bufbuild/protobuf";

/** How one scalar type is read, written and told from its default. */
export interface ScalarKind {
  /** `put…`, `pack…` and `unpack…` of the runtime have this in their names. */
  readonly name: string;
  /** Method of WireReader. */
  readonly read: string;
  /** Wire type of one value (protobuf encoding, "Message Structure"). */
  readonly wireType: number;
  readonly isPackable: boolean;
  readonly is64: boolean;
  /** What an unset field shows; `import` names a constant of the runtime. */
  readonly zero: string | { readonly import: string };
}

const varint = 0;
const bit64 = 1;
const lengthDelimited = 2;
const bit32 = 5;

function number(name: string, wireType: number): ScalarKind {
  return { name, read: lowerFirst(name), wireType, isPackable: true, is64: false, zero: "0" };
}

function number64(name: string, wireType: number): ScalarKind {
  return { ...number(name, wireType), is64: true, zero: { import: "zero64" } };
}

const kinds: Readonly<Record<ScalarType, ScalarKind>> = {
  [ScalarType.DOUBLE]: number("Double", bit64),
  [ScalarType.FLOAT]: number("Float", bit32),
  [ScalarType.INT64]: number64("Int64", varint),
  [ScalarType.UINT64]: number64("Uint64", varint),
  [ScalarType.INT32]: number("Int32", varint),
  [ScalarType.FIXED64]: number64("Fixed64", bit64),
  [ScalarType.FIXED32]: number("Fixed32", bit32),
  [ScalarType.BOOL]: { ...number("Bool", varint), zero: "false" },
  [ScalarType.STRING]: { ...number("String", lengthDelimited), isPackable: false, zero: '""' },
  [ScalarType.BYTES]: { ...number("Bytes", lengthDelimited), isPackable: false, zero: { import: "noBytes" } },
  [ScalarType.UINT32]: number("Uint32", varint),
  [ScalarType.SFIXED32]: number("Sfixed32", bit32),
  [ScalarType.SFIXED64]: number64("Sfixed64", bit64),
  [ScalarType.SINT32]: number("Sint32", varint),
  [ScalarType.SINT64]: number64("Sint64", varint),
};

export function scalarKind(type: ScalarType): ScalarKind {
  return kinds[type];
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
