/** Messages of any type, as an application would fill them in; nothing here knows the binary format. */
import {
  create,
  type DescEnum,
  type DescExtension,
  type DescField,
  type DescMessage,
  type JsonValue,
  type Message,
  type Registry,
  ScalarType,
  setExtension,
} from "@bufbuild/protobuf";
import type { Dice } from "./dice.js";
import { randomLength, randomScalar, randomText } from "./random-value.js";
import { varint } from "./wire-record.js";

/** protobuf's limit of nesting is 100: some messages come near, none goes beyond. */
const maxDepth = 30;

/** google.protobuf.FeatureSet.FieldPresence.LEGACY_REQUIRED */
const legacyRequired = 3;

type Fields = Record<string, unknown>;

export class RandomMessages {
  readonly #dice: Dice;
  readonly #extensions: readonly DescExtension[];
  /** Messages that may still be made for the current one, so that trees of trees come to an end. */
  #budget = 0;

  /** @param registry Its extensions are set now and then. */
  constructor(dice: Dice, registry?: Registry) {
    this.#dice = dice;
    this.#extensions = registry === undefined ? [] : [...registry].filter((type) => type.kind === "extension");
  }

  /** A message that encodes: required fields are set, and no value is out of its range. */
  make(desc: DescMessage): Message {
    this.#budget = 1 + this.#dice.below(this.#dice.oneIn(8) ? 60 : 12);
    return this.#message(desc, 0);
  }

  #message(desc: DescMessage, depth: number): Message {
    this.#budget -= 1;
    const message = create(desc);
    const density = this.#dice.pick([1, 2, 4, 10]);
    for (const field of desc.fields) {
      const required = field.presence === legacyRequired;
      if (required || (this.#dice.oneIn(density) && (this.#budget > 0 || !holdsMessages(field)) && depth < maxDepth)) {
        this.#fill(message as Message & Fields, field, depth);
      }
    }
    if (this.#dice.oneIn(4)) this.#addUnknown(desc, message);
    if (this.#dice.oneIn(2)) this.#extend(desc, message, depth);
    return message;
  }

  #fill(message: Fields, field: DescField, depth: number): void {
    if (field.oneof !== undefined) {
      message[field.oneof.localName] = { case: field.localName, value: this.#single(field, depth) };
      return;
    }
    switch (field.fieldKind) {
      case "list":
        message[field.localName] = Array.from({ length: this.#count(field) }, () => this.#element(field, depth));
        return;
      case "map":
        for (let left = this.#count(field); left > 0; left--) {
          const key = field.mapKey === ScalarType.STRING ? randomText(this.#dice) : this.#scalar(field.mapKey);
          setEntry(message[field.localName] as Fields, String(key), this.#element(field, depth));
        }
        return;
      default:
        message[field.localName] = this.#single(field, depth);
    }
  }

  #single(field: DescField, depth: number): unknown {
    switch (field.fieldKind) {
      case "scalar":
        return this.#scalar(field.scalar, field.longAsString);
      case "enum":
        return this.#enum(field.enum);
      case "message": {
        const [wrapped] = field.message.fields;
        if (field.oneof === undefined && isWrapper(field.message) && wrapped?.fieldKind === "scalar") {
          return this.#scalar(wrapped.scalar);
        }
        return this.#messageOf(field, field.message, depth);
      }
      default:
        throw new Error(`${field.toString()} is not singular`);
    }
  }

  #element(field: DescField & { fieldKind: "list" | "map" }, depth: number): unknown {
    if (field.message !== undefined) return this.#messageOf(field, field.message, depth);
    if (field.enum !== undefined) return this.#enum(field.enum);
    const asString = field.fieldKind === "list" && field.longAsString;
    return this.#scalar(field.scalar as ScalarType, asString);
  }

  /** A message as it stands in a field: a Struct stands there as JSON, except in a Value. */
  #messageOf(field: DescField, desc: DescMessage, depth: number): unknown {
    if (desc.typeName === "google.protobuf.Struct" && field.parent.typeName !== "google.protobuf.Value") {
      this.#budget -= 1;
      return this.#json(depth + 1, "object");
    }
    return this.#message(desc, depth + 1);
  }

  #json(depth: number, kind = this.#dice.pick(["null", "number", "string", "boolean", "array", "object"])): JsonValue {
    const size = depth > maxDepth / 2 ? 0 : this.#dice.below(4);
    switch (kind) {
      case "null":
        return null;
      case "number":
        return this.#dice.below(1000) / 8;
      case "string":
        return randomText(this.#dice);
      case "boolean":
        return this.#dice.oneIn(2);
      case "array":
        return Array.from({ length: size }, () => this.#json(depth + 2));
      default: {
        const json: Fields = {};
        for (let left = size; left > 0; left--) setEntry(json, randomText(this.#dice), this.#json(depth + 2));
        return json as JsonValue;
      }
    }
  }

  #scalar(type: ScalarType, longAsString = false): unknown {
    return randomScalar(this.#dice, type, longAsString);
  }

  /** Of an open enum also numbers that have no name. */
  #enum(desc: DescEnum): number {
    if (desc.open && this.#dice.oneIn(4)) return this.#dice.word() | 0;
    return this.#dice.pick(desc.values).number;
  }

  #count(field: DescField & { fieldKind: "list" | "map" }): number {
    if (field.message !== undefined) return this.#dice.below(Math.max(1, Math.min(4, this.#budget)));
    return this.#dice.oneIn(16) ? randomLength(this.#dice) % 200 : this.#dice.below(5);
  }

  #addUnknown(desc: DescMessage, message: Message): void {
    const unknown: NonNullable<Message["$unknown"]> = [];
    for (let left = 1 + this.#dice.below(3); left > 0; left--) {
      const no = 1 + (this.#dice.word() >>> (3 + this.#dice.below(29)));
      const isKnown = desc.fields.some((field) => field.number === no);
      if (!isKnown) unknown.push({ no, ...this.#dice.pick(unknownValues)(no) });
    }
    if (unknown.length > 0) message.$unknown = unknown;
  }

  #extend(desc: DescMessage, message: Message, depth: number): void {
    for (const extension of this.#extensions) {
      if (extension.extendee.typeName !== desc.typeName || this.#dice.oneIn(2)) continue;
      if (holdsMessages(extension) && (this.#budget <= 0 || depth >= maxDepth)) continue;
      const isList = extension.fieldKind === "list";
      const value = isList
        ? Array.from({ length: this.#dice.below(4) }, () => this.#element(extension as never, depth))
        : this.#single(extension as never, depth);
      setExtension(message, extension, value as never);
    }
  }
}

/** A wrapper stands as its bare value in a singular field. */
function isWrapper(desc: DescMessage): boolean {
  return desc.file.name === "google/protobuf/wrappers";
}

function holdsMessages(field: DescField | DescExtension): boolean {
  return field.message !== undefined;
}

/** Assigning to __proto__ would set the prototype. */
function setEntry(target: Fields, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
}

/** For each wire type, by field number; the group holds a varint and another group. */
const unknownValues: readonly ((no: number) => { readonly wireType: number; readonly data: Uint8Array })[] = [
  () => ({ wireType: 0, data: Uint8Array.of(0xff, 0x01) }),
  () => ({ wireType: 0, data: Uint8Array.of(0x80, 0x00) }),
  () => ({ wireType: 1, data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) }),
  () => ({ wireType: 2, data: Uint8Array.of(0) }),
  () => ({ wireType: 2, data: Uint8Array.of(3, 0xff, 0, 1) }),
  (no) => ({ wireType: 3, data: Uint8Array.of(0x08, 0x01, 0x13, 0x14, ...varint(no * 8 + 4)) }),
  () => ({ wireType: 5, data: Uint8Array.of(1, 2, 3, 4) }),
];
