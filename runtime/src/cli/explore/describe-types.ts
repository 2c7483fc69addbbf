import { type DescEnum, type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import { FeatureSet_FieldPresence } from "@bufbuild/protobuf/wkt";
import { commentOf, commentOfValue } from "./comments.js";
import type { EnumView, FieldView, MessageView, TypesView } from "./protocol.js";

/** Messages that are told of at once. What is beyond is written as JSON. */
const maxMessages = 2000;

/** A message and all that it reaches, for a form: each type once, so that what contains itself has an end. */
export function describeTypes(root: DescMessage): TypesView {
  const messages: Record<string, MessageView> = Object.create(null);
  const enums: Record<string, EnumView> = Object.create(null);
  const reached = new Set([root]);
  for (const message of reached) {
    messages[message.typeName] = {
      name: message.typeName,
      comment: commentOf(message),
      fields: message.fields.map(describeField),
    };
    for (const field of message.fields) {
      const inner = messageOf(field);
      if (inner !== undefined && reached.size < maxMessages) reached.add(inner);
      const its = enumOf(field);
      if (its !== undefined) enums[its.typeName] ??= describeEnum(its);
    }
  }
  return { root: root.typeName, messages, enums };
}

function describeField(field: DescField): FieldView {
  return {
    name: field.jsonName,
    comment: commentOf(field),
    shape: field.fieldKind === "list" || field.fieldKind === "map" ? field.fieldKind : "single",
    ...(field.fieldKind === "map" && { key: scalarName(field.mapKey) }),
    ...typeOf(field),
    ...(field.oneof !== undefined && { oneof: field.oneof.name }),
    hasPresence: field.presence !== FeatureSet_FieldPresence.IMPLICIT,
    isRequired: field.presence === FeatureSet_FieldPresence.LEGACY_REQUIRED,
    isDeprecated: field.deprecated,
  };
}

function typeOf(field: DescField): { type: string; typeName?: string } {
  const message = messageOf(field);
  if (message !== undefined) return { type: "message", typeName: message.typeName };
  const its = enumOf(field);
  if (its !== undefined) return { type: "enum", typeName: its.typeName };
  return { type: scalarName(field.scalar ?? ScalarType.STRING) };
}

function messageOf(field: DescField): DescMessage | undefined {
  return field.message;
}

function enumOf(field: DescField): DescEnum | undefined {
  return field.enum;
}

function scalarName(type: ScalarType): string {
  return ScalarType[type].toLowerCase();
}

function describeEnum(desc: DescEnum): EnumView {
  return {
    name: desc.typeName,
    values: desc.values.map(({ name, number }, index) => ({ name, number, comment: commentOfValue(desc, index) })),
  };
}
