/** Fields and what is asked of them, by the words of the encoding rather than those of descriptors. */
import { type DescEnum, type DescField, type DescMessage, type DescOneof, ScalarType } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import { type ScalarKind, scalarKind } from "./scalar-kind.js";
import { wellKnownOf } from "./well-known.js";

/** What one value of a field is. */
export type ValueKind =
  | {
      readonly kind: "scalar";
      readonly scalar: ScalarKind;
      /** 64-bit numbers that are text in messages (jstype = JS_STRING). */
      readonly isText: boolean;
      /** Text that must be UTF-8. */
      readonly isStrict: boolean;
    }
  | { readonly kind: "enum"; readonly desc: DescEnum }
  | MessageKind;

export interface MessageKind {
  readonly kind: "message";
  readonly desc: DescMessage;
  readonly isGroup: boolean;
  /** Messages have something else in its place: JSON for a Struct, the value for a wrapper. */
  readonly isBare: boolean;
}

export type Presence = "implicit" | "explicit" | "required";

export type FieldKind =
  | { readonly kind: "singular"; readonly value: ValueKind; readonly presence: Presence }
  | { readonly kind: "oneof"; readonly value: ValueKind; readonly oneof: DescOneof }
  | { readonly kind: "list"; readonly value: ValueKind; readonly isPacked: boolean }
  | { readonly kind: "map"; readonly key: ValueKind & { kind: "scalar" }; readonly value: ValueKind };

const presences: Readonly<Record<number, Presence>> = {
  [FeatureSet_FieldPresence.IMPLICIT]: "implicit",
  [FeatureSet_FieldPresence.EXPLICIT]: "explicit",
  [FeatureSet_FieldPresence.LEGACY_REQUIRED]: "required",
};

export function fieldKind(field: DescField): FieldKind {
  switch (field.fieldKind) {
    case "list":
      return { kind: "list", value: valueKind(field), isPacked: field.packed };
    case "map": {
      const key = {
        kind: "scalar",
        scalar: scalarKind(field.mapKey),
        isText: false,
        isStrict: field.utf8Validation,
      } as const;
      return { kind: "map", key, value: valueKind(field) };
    }
    default:
      return field.oneof === undefined
        ? { kind: "singular", value: valueKind(field), presence: presences[field.presence] ?? "explicit" }
        : { kind: "oneof", value: valueKind(field), oneof: field.oneof };
  }
}

function valueKind(field: DescField): ValueKind {
  if (field.message !== undefined) {
    const isGroup = field.delimitedEncoding === true;
    return { kind: "message", desc: field.message, isGroup, isBare: isBare(field, field.message) };
  }
  if (field.enum !== undefined) return { kind: "enum", desc: field.enum };
  return {
    kind: "scalar",
    scalar: scalarKind(field.scalar ?? ScalarType.INT32),
    // protobuf-es keeps bigints in maps.
    isText: field.fieldKind !== "map" && field.longAsString && scalarKind(field.scalar ?? ScalarType.INT32).is64,
    isStrict: field.utf8Validation,
  };
}

/**
 * protobuf-es shows a Struct as JSON wherever it is a field, but in Value, and unwraps wrappers in singular fields outside
 * of a oneof.
 */
function isBare(field: DescField, message: DescMessage): boolean {
  const wellKnown = wellKnownOf(message);
  if (wellKnown?.kind === "wrapper") return field.fieldKind === "message" && field.oneof === undefined;
  return wellKnown?.name === "Struct" && field.parent.typeName !== "google.protobuf.Value";
}

/** The tag of one value that is not packed. */
export function tagOf(number: number, value: ValueKind): number {
  return number * 8 + wireType(value);
}

function wireType(value: ValueKind): number {
  if (value.kind === "scalar") return value.scalar.wireType;
  if (value.kind === "enum") return 0;
  return value.isGroup ? 3 : 2;
}

/** The tag of a list that is packed. */
export function packedTagOf(number: number): number {
  return number * 8 + 2;
}

/** The tag that ends a group. */
export function groupEndTagOf(number: number): number {
  return number * 8 + 4;
}

export function isPackable(value: ValueKind): boolean {
  return value.kind === "enum" || (value.kind === "scalar" && value.scalar.isPackable);
}

/** The enum's first value, which an unset field shows. */
export function enumZero(desc: DescEnum): number {
  return desc.values[0]?.number ?? 0;
}
