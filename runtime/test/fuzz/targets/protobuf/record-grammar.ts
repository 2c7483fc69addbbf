/** Bytes that look like messages of a type: records that fit its fields, records that do not, and broken ones. */
import { type DescField, type DescMessage, ScalarType } from "@bufbuild/protobuf";
import type { Tape } from "../../tape.js";

/** What a field's value may look like on the wire. */
interface FieldForm {
  readonly number: number;
  readonly wireType: number;
  readonly isText: boolean;
  readonly isGroup: boolean;
  readonly isPackable: boolean;
  readonly message: MessageForm | undefined;
}

/** The fields of a message; filled in once all messages are known, for they may hold each other. */
export interface MessageForm {
  fields: readonly FieldForm[];
}

const forms = new Map<DescMessage, MessageForm>();

export function formOf(desc: DescMessage): MessageForm {
  let form = forms.get(desc);
  if (form === undefined) {
    form = { fields: [] };
    forms.set(desc, form);
    form.fields = desc.fields.map(formOfField);
  }
  return form;
}

function formOfField(field: DescField): FieldForm {
  const { number } = field;
  if (field.fieldKind === "map") {
    const key = { ...scalarForm(field.mapKey), number: 1 };
    const value = {
      ...(field.mapKind === "message" ? messageForm(field.message) : scalarForm(field.scalar)),
      number: 2,
    };
    return { ...lengthDelimited, number, message: { fields: [key, value] } };
  }
  const message = field.message === undefined ? undefined : messageForm(field.message);
  if (message !== undefined)
    return { ...message, number, isGroup: "delimitedEncoding" in field && field.delimitedEncoding };
  const form = { ...scalarForm(field.scalar), number };
  return { ...form, isPackable: field.fieldKind === "list" && form.wireType !== 2 };
}

const lengthDelimited = {
  number: 0,
  wireType: 2,
  isText: false,
  isGroup: false,
  isPackable: false,
  message: undefined,
};

function messageForm(desc: DescMessage): FieldForm {
  return { ...lengthDelimited, message: formOf(desc) };
}

/** Enums, which have no scalar, are varints. */
function scalarForm(scalar: ScalarType | undefined): FieldForm {
  switch (scalar) {
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return { ...lengthDelimited, wireType: 1 };
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return { ...lengthDelimited, wireType: 5 };
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return { ...lengthDelimited, isText: scalar === ScalarType.STRING };
    default:
      return { ...lengthDelimited, wireType: 0 };
  }
}

const texts = ["", "a", "text", "\u20ac", "__proto__", "constructor"].map((text) => Buffer.from(text));
/** Not UTF-8: a lone continuation, an overlong slash, a surrogate, a cut sequence (CVE-2026-44288). */
const badTexts = ["80", "c0af", "eda080", "e282"].map((hex) => Buffer.from(hex, "hex"));
const varints = ["00", "01", "7f", "8001", "ffffffff0f", "ffffffffffffffffff01", "80808080808080808001", "8000"].map(
  (hex) => Buffer.from(hex, "hex"),
);
const badVarints = ["ffffffffffffffffff02", "ffffffffffffffffffff01", "80", "ffffffffffffffffffffffff"].map((hex) =>
  Buffer.from(hex, "hex"),
);
const maxDepth = 6;
const room = 8 * 1024;

export class RecordWriter {
  readonly bytes = Buffer.alloc(room + 64);
  at = 0;

  /** Writes one message at the beginning of `bytes`; `at` is its end. */
  write(tape: Tape, form: MessageForm): void {
    this.at = 0;
    if (tape.oneIn(200)) this.#nest(tape, form);
    this.#message(tape, form, 0);
    if (tape.oneIn(8)) this.#append(tape.octets(1 + tape.below(8)));
    if (tape.oneIn(8)) this.at = Math.max(0, this.at - 1 - tape.below(6));
  }

  #message(tape: Tape, form: MessageForm, depth: number): void {
    for (let count = tape.below(depth === 0 ? 10 : 4); count > 0 && !tape.done && this.at < room; count--) {
      const field = form.fields[tape.byte() % Math.max(1, form.fields.length)];
      const choice = tape.byte();
      if (field === undefined || choice >= 240) this.#stray(tape, field);
      else this.#field(tape, field, depth, choice);
    }
  }

  #field(tape: Tape, field: FieldForm, depth: number, choice: number): void {
    const { message } = field;
    if (message !== undefined) {
      if (depth >= maxDepth) return;
      if (field.isGroup) {
        this.#varint(field.number * 8 + 3);
        this.#message(tape, message, depth + 1);
        this.#varint(field.number * 8 + 4);
        return;
      }
      this.#varint(field.number * 8 + 2);
      this.#delimited(() => this.#message(tape, message, depth + 1), choice);
    } else if (field.isPackable && choice < 120) {
      this.#varint(field.number * 8 + 2);
      this.#delimited(() => {
        for (let count = tape.below(6); count > 0; count--) this.#value(tape, field.wireType);
      }, choice);
    } else if (field.wireType === 2) {
      this.#varint(field.number * 8 + 2);
      const text = field.isText ? (choice > 230 ? tape.pick(badTexts) : tape.pick(texts)) : tape.octets(choice & 15);
      this.#delimited(() => this.#append(text), choice);
    } else {
      this.#varint(field.number * 8 + field.wireType);
      this.#value(tape, field.wireType);
    }
  }

  /** A length and what `write` writes behind it; now and then the length is another. */
  #delimited(write: () => void, choice: number): void {
    const start = this.at;
    this.at += 1;
    write();
    const length = this.at - start - 1 + (choice === 239 ? 1 : choice === 238 ? 1000 : 0);
    if (length < 128) {
      this.bytes[start] = length;
      return;
    }
    this.bytes.copyWithin(start + 2, start + 1, this.at);
    this.bytes[start] = (length & 0x7f) | 0x80;
    this.bytes[start + 1] = (length >>> 7) & 0x7f;
    this.at += 1;
  }

  #value(tape: Tape, wireType: number): void {
    if (this.at > room) return;
    if (wireType === 0) this.#append(tape.oneIn(40) ? tape.pick(badVarints) : tape.pick(varints));
    else if (wireType === 1) this.#fixed(tape, 8);
    else if (wireType === 5) this.#fixed(tape, 4);
  }

  #fixed(tape: Tape, size: number): void {
    this.bytes.fill(tape.byte(), this.at, this.at + size);
    this.bytes[this.at + size - 1] = tape.byte();
    this.at += size;
  }

  /** A field of another number, or of a wire type that is not its own. */
  #stray(tape: Tape, field: FieldForm | undefined): void {
    const choice = tape.byte();
    const number = field !== undefined && choice < 128 ? field.number : [0, 1000, 15, 16, 2 ** 29 - 1][choice % 5];
    const wireType = tape.byte() & 7;
    this.#varint((number as number) * 8 + wireType);
    if (wireType === 2) this.#delimited(() => this.#append(tape.octets(tape.below(12))), 0);
    else this.#value(tape, wireType);
    if (wireType === 3 && tape.oneIn(2)) this.#varint((number as number) * 8 + 4);
  }

  /** Groups or messages in each other, about as deep as the limit of 100 and far deeper. */
  #nest(tape: Tape, form: MessageForm): void {
    const isGroup = tape.oneIn(2);
    const depth = tape.pick([98, 99, 100, 101, 102, 1000, 3000]);
    const number = isGroup ? 1000 : (form.fields.find(({ message }) => message === form)?.number ?? 1000);
    for (let i = 0; i < depth; i++) {
      if (isGroup) this.#varint(number * 8 + 3);
      else this.#append(Buffer.of((number * 8 + 2) & 0x7f, Math.min(127, 2 * (depth - i))));
    }
  }

  #varint(value: number): void {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.bytes[this.at++] = (rest % 128) | 128;
    this.bytes[this.at++] = rest;
  }

  #append(octets: Uint8Array): void {
    if (this.at + octets.length > room) return;
    this.bytes.set(octets, this.at);
    this.at += octets.length;
  }
}
