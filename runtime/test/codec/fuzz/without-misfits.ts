import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";

type Fields = Record<string, unknown>;

/** Takes unknown fields away, here and in all that it holds, that have the number of a known one: a wrong wire type, or no value of a closed enum. */
export function withoutMisfits<T extends Message>(desc: DescMessage, message: T): T {
  const unknown = message.$unknown?.filter(({ no }) => !desc.fields.some((field) => field.number === no));
  if (unknown !== undefined) {
    if (unknown.length > 0) message.$unknown = unknown;
    else delete message.$unknown;
  }
  for (const field of desc.fields) {
    if (field.message === undefined) continue;
    for (const child of childrenIn(message as T & Fields, field)) {
      // Wrappers and Struct stand as something else than a message.
      if (isMessage(child, field.message)) withoutMisfits(field.message, child);
    }
  }
  return message;
}

function childrenIn(message: Fields, field: DescField): unknown[] {
  if (field.oneof !== undefined) {
    const chosen = message[field.oneof.localName] as { readonly case?: string; readonly value?: unknown };
    return chosen.case === field.localName ? [chosen.value] : [];
  }
  if (!Object.hasOwn(message, field.localName)) return [];
  const value = message[field.localName];
  if (field.fieldKind === "list") return value as unknown[];
  return field.fieldKind === "map" ? Object.values(value as Fields) : [value];
}

function isMessage(value: unknown, desc: DescMessage): value is Message {
  return typeof value === "object" && value !== null && (value as Fields)["$typeName"] === desc.typeName;
}
