/**
 * A decoder that makes no message: it says whether bytes are one by the letter of the format, and where protobuf-es is
 * known to be more lenient. Written from the specification and apart from the codecs, to judge where they differ.
 */
import { type DescField, type DescMessage, fromBinary, ScalarType } from "@bufbuild/protobuf";
import { varint, wireType } from "./wire-record.js";

/** What protobuf-es lets pass, or gets wrong. */
export type Departure =
  /** A known field with a wire type that cannot be its: protobuf-es reads it as if it were. */
  | "wrong wire type"
  /** Something that ends behind the end of the message, list or entry that it lies in: protobuf-es reads on. */
  | "overrun"
  /** A value that a closed enum does not have, beside other unknown fields: protobuf-es loses it. */
  | "closed enum lost"
  /** An unknown varint of more than ten bytes: protobuf-es takes it. */
  | "long varint"
  /** One of these within a message that compiled codecs leave to protobuf-es: it is as lenient there, up to the message's end. */
  | "left to protobuf-es";

export interface Judgement {
  readonly accepted: boolean;
  readonly departures: ReadonlySet<Departure>;
  /** The message without known fields of a wrong wire type; undefined when it is refused, or what it means is protobuf-es's secret. */
  readonly cleaned: Uint8Array | undefined;
}

const recursionLimit = 100;
const strictUtf8 = new TextDecoder("utf-8", { fatal: true });

class Refused extends Error {}

/** @param isForeign Messages within others that are left to protobuf-es. Default: none. */
export function judge(
  desc: DescMessage,
  bytes: Uint8Array,
  isForeign: (desc: DescMessage) => boolean = () => false,
): Judgement {
  const reader = new StrictReader(bytes, isForeign);
  try {
    const cleaned = reader.message(desc, bytes.length, 1, undefined);
    const { departures } = reader;
    return { accepted: true, departures, cleaned: reader.isPlain ? Uint8Array.from(cleaned) : undefined };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { accepted: false, departures: reader.departures, cleaned: undefined };
  }
}

/** How the values of a field are written, apart from being packed. */
interface Form {
  readonly wireType: number;
  readonly isPackable: boolean;
  readonly isText: boolean;
  readonly message: DescMessage | undefined;
}

class StrictReader {
  readonly departures = new Set<Departure>();
  /** Nothing was read as protobuf-es alone reads it. */
  isPlain = true;
  readonly #bytes: Uint8Array;
  readonly #isForeign: (desc: DescMessage) => boolean;
  #at = 0;

  constructor(bytes: Uint8Array, isForeign: (desc: DescMessage) => boolean) {
    this.#bytes = bytes;
    this.#isForeign = isForeign;
  }

  /** Reads records up to `end`, or to the end of the group `groupNo`. Returns what is left of them. */
  message(desc: DescMessage, end: number, depth: number, groupNo: number | undefined): number[] {
    if (depth > recursionLimit) throw new Refused("too deep");
    const fields = fieldsOf(desc);
    const kept: number[] = [];
    let unknown = 0;
    let lost = 0;
    while (groupNo !== undefined || this.#at < end) {
      const start = this.#at;
      const { no, type } = this.#tag(end);
      const field = fields.get(no);
      if (type === wireType.endGroup) {
        if (no === groupNo) break;
        if (field !== undefined && groupNo === undefined) this.departures.add("wrong wire type");
        throw new Refused("end of another group");
      }
      if (field === undefined) {
        this.#skip(no, type, end, depth);
        unknown += 1;
        append(kept, this.#bytes.subarray(start, this.#at));
      } else if (fits(field, type)) {
        lost += this.#field(field, type, start, end, depth, kept);
      } else {
        this.departures.add("wrong wire type");
        this.#skip(no, type, end, depth);
      }
    }
    if (lost > 0 && unknown > 0) this.departures.add("closed enum lost");
    return kept;
  }

  /** Reads a value of the field. Returns how many values of a closed enum it does not have. */
  #field(field: DescField, type: number, start: number, end: number, depth: number, kept: number[]): number {
    const form = formOf(field);
    if (field.fieldKind === "map") {
      this.#embedded(start, end, kept, (entryEnd) => this.#entry(field, entryEnd, depth));
      return 0;
    }
    if (form.message !== undefined) {
      const { message } = form;
      if (type === wireType.startGroup) {
        append(kept, this.#bytes.subarray(start, this.#at));
        append(kept, this.message(message, end, depth + 1, field.number));
        append(kept, varint(field.number * 8 + wireType.endGroup));
      } else {
        this.#embedded(start, end, kept, (childEnd) => this.#child(message, childEnd, depth + 1));
      }
      return 0;
    }
    if (type === wireType.len && form.isPackable) {
      const listEnd = this.#length(end);
      while (this.#at < listEnd) this.#value(form, listEnd);
      append(kept, this.#bytes.subarray(start, this.#at));
      return 0;
    }
    const value = this.#value(form, end, field.utf8Validation);
    append(kept, this.#bytes.subarray(start, this.#at));
    const isClosed = field.fieldKind === "enum" && !field.enum.open;
    return isClosed && !field.enum.values.some(({ number }) => number === value) ? 1 : 0;
  }

  /** A message within another one. */
  #child(desc: DescMessage, end: number, depth: number): ArrayLike<number> {
    if (!this.#isForeign(desc)) return this.message(desc, end, depth, undefined);
    const content = Uint8Array.from(this.#bytes.subarray(this.#at, end));
    this.#at = end;
    const { accepted, departures } = judge(desc, content);
    if (departures.size === 0) {
      if (!accepted) throw new Refused("a message in it is none");
      return content;
    }
    this.departures.add("left to protobuf-es");
    this.isPlain = false;
    try {
      fromBinary(desc, content, { recursionLimit: recursionLimit - depth + 1 });
    } catch {
      throw new Refused("refused by protobuf-es");
    }
    return content;
  }

  /** A record of wire type LEN whose content is read and kept in part. */
  #embedded(start: number, end: number, kept: number[], read: (end: number) => ArrayLike<number>): void {
    const tagEnd = this.#at;
    const content = read(this.#length(end));
    append(kept, this.#bytes.subarray(start, tagEnd));
    append(kept, varint(content.length));
    append(kept, content);
  }

  /** Key and value of an entry; what else is in it is dropped by every decoder. */
  #entry(field: DescField & { fieldKind: "map" }, end: number, depth: number): number[] {
    const kept: number[] = [];
    const key: Form = scalarForm(field.mapKey);
    const value = formOf(field);
    while (this.#at < end) {
      const start = this.#at;
      const { no, type } = this.#tag(end);
      const form = no === 1 ? key : no === 2 ? value : undefined;
      if (form === undefined || form.wireType !== type) {
        if (form !== undefined) this.departures.add("wrong wire type");
        if (type === wireType.endGroup) throw new Refused("end of a group that was not begun");
        this.#skip(no, type, end, depth);
      } else if (form.message !== undefined) {
        const { message } = form;
        this.#embedded(start, end, kept, (childEnd) => this.#child(message, childEnd, depth + 1));
      } else {
        this.#value(form, end, field.utf8Validation);
        append(kept, this.#bytes.subarray(start, this.#at));
      }
    }
    return kept;
  }

  /** A scalar; the number where it is a varint. */
  #value(form: Form, end: number, utf8Validation = false): number {
    switch (form.wireType) {
      case wireType.varint:
        return this.#varint(end);
      case wireType.bit32:
        return this.#advance(4, end);
      case wireType.bit64:
        return this.#advance(8, end);
      default: {
        const valueEnd = this.#length(end);
        if (form.isText && utf8Validation) this.#checkUtf8(valueEnd);
        this.#at = valueEnd;
        return 0;
      }
    }
  }

  #checkUtf8(end: number): void {
    try {
      strictUtf8.decode(this.#bytes.subarray(this.#at, end));
    } catch {
      throw new Refused("no UTF-8");
    }
  }

  #tag(end: number): { readonly no: number; readonly type: number } {
    const start = this.#at;
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      if (this.#at - start === 5) throw new Refused("tag of more than five bytes");
      const byte = this.#byte(end);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) break;
    }
    const no = Math.floor(value / 8);
    const type = value % 8;
    if (value > 0xffff_ffff || no === 0 || type > 5) throw new Refused("tag that may not be");
    return { no, type };
  }

  /** The low 32 bits, signed. */
  #varint(end: number): number {
    let value = 0;
    for (let i = 0; i < 10; i++) {
      const byte = this.#byte(end);
      if (i < 5) value |= (byte & 0x7f) << (7 * i);
      if (byte < 0x80) return value;
    }
    throw new Refused("varint of more than ten bytes");
  }

  /** Reads a length; returns where what it measures ends. */
  #length(end: number): number {
    const length = this.#varint(end) >>> 0;
    const contentEnd = this.#at + length;
    this.#checkEnd(contentEnd, end);
    return contentEnd;
  }

  #advance(size: number, end: number): number {
    this.#checkEnd(this.#at + size, end);
    this.#at += size;
    return 0;
  }

  #byte(end: number): number {
    this.#checkEnd(this.#at + 1, end);
    const byte = this.#bytes[this.#at] as number;
    this.#at += 1;
    return byte;
  }

  #checkEnd(wanted: number, end: number): void {
    if (wanted <= end) return;
    if (wanted <= this.#bytes.length) this.departures.add("overrun");
    throw new Refused("overrun");
  }

  #skip(no: number, type: number, end: number, depth: number): void {
    switch (type) {
      case wireType.varint: {
        const start = this.#at;
        while (this.#byte(end) >= 0x80);
        if (this.#at - start > 10) {
          this.departures.add("long varint");
          throw new Refused("varint of more than ten bytes");
        }
        return;
      }
      case wireType.bit64:
        this.#advance(8, end);
        return;
      case wireType.bit32:
        this.#advance(4, end);
        return;
      case wireType.len:
        this.#at = this.#length(end);
        return;
      case wireType.startGroup:
        if (depth >= recursionLimit) throw new Refused("too deep");
        for (;;) {
          const inner = this.#tag(end);
          if (inner.type === wireType.endGroup) {
            if (inner.no !== no) throw new Refused("end of another group");
            return;
          }
          this.#skip(inner.no, inner.type, end, depth + 1);
        }
      default:
        throw new Refused("end of a group that was not begun");
    }
  }
}

const fieldTables = new WeakMap<DescMessage, ReadonlyMap<number, DescField>>();

function fieldsOf(desc: DescMessage): ReadonlyMap<number, DescField> {
  let table = fieldTables.get(desc);
  if (table === undefined) {
    table = new Map(desc.fields.map((field) => [field.number, field]));
    fieldTables.set(desc, table);
  }
  return table;
}

function fits(field: DescField, type: number): boolean {
  if (field.fieldKind === "map") return type === wireType.len;
  const form = formOf(field);
  return type === form.wireType || (type === wireType.len && form.isPackable);
}

function formOf(field: DescField): Form {
  if (field.message !== undefined) {
    const isGroup = field.fieldKind !== "map" && field.delimitedEncoding;
    const type = isGroup ? wireType.startGroup : wireType.len;
    return { wireType: type, isPackable: false, isText: false, message: field.message };
  }
  const form = scalarForm(field.enum === undefined ? (field.scalar as ScalarType) : ScalarType.INT32);
  return field.fieldKind === "list" ? { ...form, isPackable: form.wireType !== wireType.len } : form;
}

function scalarForm(type: ScalarType): Form {
  return { wireType: wireTypeOf(type), isPackable: false, isText: type === ScalarType.STRING, message: undefined };
}

function wireTypeOf(type: ScalarType): number {
  switch (type) {
    case ScalarType.STRING:
    case ScalarType.BYTES:
      return wireType.len;
    case ScalarType.FLOAT:
    case ScalarType.FIXED32:
    case ScalarType.SFIXED32:
      return wireType.bit32;
    case ScalarType.DOUBLE:
    case ScalarType.FIXED64:
    case ScalarType.SFIXED64:
      return wireType.bit64;
    default:
      return wireType.varint;
  }
}

function append(target: number[], more: ArrayLike<number>): void {
  for (let i = 0; i < more.length; i++) target.push(more[i] as number);
}
