import { create, type DescMessage, type MessageInitShape, type MessageShape } from "@bufbuild/protobuf";

/**
 * The message that a caller means: `init` itself when it already is one of this type, else a new one made of it.
 * Throws TypeError for a message of another type, which `create` would quietly take apart.
 */
export function toMessage<Desc extends DescMessage>(schema: Desc, init: MessageInitShape<Desc>): MessageShape<Desc> {
  const typeName = typeNameOf(init);
  if (typeName === schema.typeName) return init as MessageShape<Desc>;
  if (typeName !== undefined) throw new TypeError(`message is a ${typeName}, expected a ${schema.typeName}`);
  if (typeof init !== "object" || init === null) {
    throw new TypeError(`message is ${describe(init)}, expected a ${schema.typeName} or its fields`);
  }
  return create(schema, init);
}

/** Throws TypeError unless a value is a message of this type. */
export function assertMessage<Desc extends DescMessage>(
  schema: Desc,
  value: unknown,
): asserts value is MessageShape<Desc> {
  if (typeNameOf(value) !== schema.typeName) wrongType(value, schema.typeName);
}

/** Throws TypeError: a value is no message of this type. */
export function wrongType(value: unknown, expected: string): never {
  const typeName = typeNameOf(value);
  const observed = typeName === undefined ? describe(value) : `a ${typeName}`;
  throw new TypeError(`message to encode is ${observed}, expected a ${expected}`);
}

function typeNameOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { $typeName } = value as { readonly $typeName?: unknown };
  return typeof $typeName === "string" ? $typeName : undefined;
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object without $typeName" : `a ${typeof value}`;
}
