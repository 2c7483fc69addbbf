/** Values of 32 bits that a message holds, checked: what an encoder does when its own quick test fails. Throws RangeError. */

export function toInt32(value: unknown): number {
  const number = toNumber(value, "int32");
  if ((number | 0) !== number) throw new RangeError(`invalid int32: ${number}`);
  return number;
}

export function toUint32(value: unknown): number {
  const number = toNumber(value, "uint32");
  if (number >>> 0 !== number) throw new RangeError(`invalid uint32: ${number}`);
  return number;
}

/** A number that a float can hold. One that would round to infinity is refused; infinities and NaN are values. */
export function toFloat(value: unknown): number {
  const number = typeof value === "number" ? value : textToFloat(value);
  if (!Number.isFinite(Math.fround(number)) && Number.isFinite(number)) {
    throw new RangeError(`invalid float32: ${number}`);
  }
  return number;
}

function textToFloat(value: unknown): number {
  const number = toNumber(value, "float32");
  if (Number.isNaN(number) && value !== "NaN") throw new RangeError(`invalid float32: ${String(value)}`);
  return number;
}

function toNumber(value: unknown, type: string): number {
  if (typeof value === "number") return value;
  if (typeof value === "string") return Number(value);
  throw new RangeError(`invalid ${type}: ${typeof value}`);
}
