import type { DescEnum, UnknownField } from "@bufbuild/protobuf";

/** Whether an enum has a value of this number. */
export function hasNumber(desc: DescEnum, value: number): boolean {
  return desc.value[value] !== undefined;
}

/** A number that a closed enum does not have is kept as a field that the message does not know (proto2, "Enum"). */
export function unknownEnum(tag: number, value: number, fields: UnknownField[] | undefined): UnknownField[] {
  const data: number[] = [];
  let left = value;
  for (let i = value < 0 ? 9 : 4; i > 0 && (value < 0 || left > 0x7f); i--) {
    data.push((left & 0x7f) | 0x80);
    left >>= 7;
  }
  data.push(value < 0 ? 1 : left);
  const field = { no: tag >>> 3, wireType: tag & 7, data: new Uint8Array(data) };
  if (fields === undefined) return [field];
  fields.push(field);
  return fields;
}
