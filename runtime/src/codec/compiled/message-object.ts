/** What compiled codecs know of the objects that protobuf-es makes. */
import { create, type DescMessage } from "@bufbuild/protobuf";

const isOwn = Object.prototype.hasOwnProperty;

/** The bytes of a field that is not set: shared, for there is nothing in it that could change. */
export const noBytes: Uint8Array = new Uint8Array(0);

/** Makes an empty object with the prototype of a message type. */
export type MessageConstructor = new () => object;

/**
 * Messages with explicit presence have a prototype that holds the defaults of their fields; only protobuf-es's `create`
 * gives it away. Objects that a function constructs keep their fields in place, which those of Object.create do not.
 */
export function shapeOf(schema: DescMessage): MessageConstructor {
  // biome-ignore lint/complexity/useArrowFunction: it is a constructor
  const shape = function () {} as unknown as { prototype: object };
  shape.prototype = Object.getPrototypeOf(create(schema));
  return shape as unknown as MessageConstructor;
}

/** Whether a field with explicit presence is set although it has the value that an unset one shows. */
export function hasOwn(message: object, name: string): boolean {
  return isOwn.call(message, name);
}

/** The value of a field whose name every object answers to. */
export function own<T>(message: object, name: string): T | undefined {
  return isOwn.call(message, name) ? (message as Record<string, T>)[name] : undefined;
}

/** Adds an entry to a map. `__proto__` is a key like others, and must not become the map's prototype. */
export function setEntry(map: object, key: string | number | bigint | boolean, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true });
  } else {
    (map as Record<string, unknown>)[key as string] = value;
  }
}

/** A key of a map of numbers. Whatever is none is for the encoder to refuse. */
export function numberKey(key: string): number {
  const number = Number.parseInt(key, 10);
  return Number.isFinite(number) ? number : (key as unknown as number);
}

/** A key of a map of booleans. */
export function boolKey(key: string): boolean {
  return key !== "false" && key !== "";
}

export function keysOf(map: object): readonly string[] {
  return Object.keys(map);
}

/** Whether a field of floating point without presence is set: -0 is not the default. */
export function isSetFloat(value: number): boolean {
  return !Object.is(value, 0);
}

/** Throws: a field that proto2 requires is not set. */
export function missing(field: string): never {
  throw new TypeError(`cannot encode ${field}: it is required and not set`);
}

/** A 64-bit number where messages have text (jstype = JS_STRING). */
export function text64(value: bigint): string {
  return String(value);
}
