/** Values of scalar types: what is likely to be wrong comes more often than chance would have it. */
import { ScalarType } from "@bufbuild/protobuf";
import type { Dice } from "./dice.js";

const int32Edges = [0, 1, -1, 127, 128, 16383, 16384, 2097151, 2097152, 268435455, 268435456, 2147483647, -2147483648];
const uint32Edges = [0, 1, 127, 128, 16383, 16384, 2147483647, 2147483648, 4294967295];
const int64Edges = [
  0n,
  1n,
  -1n,
  127n,
  128n,
  2n ** 31n,
  2n ** 32n,
  2n ** 53n,
  -(2n ** 53n),
  2n ** 63n - 1n,
  -(2n ** 63n),
];
const uint64Edges = [0n, 1n, 127n, 128n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 56n, 2n ** 63n, 2n ** 64n - 1n];
const doubleEdges = [0, -0, 1, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
const moreDoubles = [Number.MAX_VALUE, Number.MIN_VALUE, -Number.EPSILON, 1e300, Number.MAX_SAFE_INTEGER];
const floatEdges = [
  ...doubleEdges,
  Math.fround(3.4028234663852886e38),
  Math.fround(1.401298464324817e-45),
  2 ** 24 + 1,
];
/** Members of Object.prototype, and what a text codec may cut or join. */
const textEdges = [
  "",
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "\0",
  "é",
  "\u{1f426}",
  "\ufeff",
  "\ufffd",
];
const alphabets = [
  "abcdefghij",
  "abc\u{e9}",
  "\u0434\u0435\u0436",
  "\u4e2d\u6587",
  "\u{1f426}\u{1f995}",
  "a\u07ff\u0800\uffff",
];

/** A value as a protobuf-es message has it. */
export function randomScalar(dice: Dice, type: ScalarType, longAsString: boolean): unknown {
  switch (type) {
    case ScalarType.INT32:
    case ScalarType.SINT32:
    case ScalarType.SFIXED32:
      return dice.oneIn(2) ? dice.pick(int32Edges) : dice.word() >> dice.below(32);
    case ScalarType.UINT32:
    case ScalarType.FIXED32:
      return dice.oneIn(2) ? dice.pick(uint32Edges) : dice.word() >>> dice.below(32);
    case ScalarType.INT64:
    case ScalarType.SINT64:
    case ScalarType.SFIXED64:
      return long(dice.oneIn(2) ? dice.pick(int64Edges) : BigInt.asIntN(64, dice.long()) >> shift(dice), longAsString);
    case ScalarType.UINT64:
    case ScalarType.FIXED64:
      return long(dice.oneIn(2) ? dice.pick(uint64Edges) : dice.long() >> shift(dice), longAsString);
    case ScalarType.FLOAT:
      return dice.oneIn(2) ? Math.fround(dice.pick(floatEdges)) : Math.fround(randomDouble(dice) % 3e38);
    case ScalarType.DOUBLE:
      return dice.oneIn(2) ? dice.pick(dice.oneIn(2) ? doubleEdges : moreDoubles) : randomDouble(dice);
    case ScalarType.BOOL:
      return dice.oneIn(2);
    case ScalarType.STRING:
      return randomText(dice);
    case ScalarType.BYTES:
      return dice.bytes(randomLength(dice));
  }
}

export function randomText(dice: Dice): string {
  if (dice.oneIn(3)) return dice.pick(textEdges);
  const alphabet = [...(dice.oneIn(2) ? "abcdefghij" : dice.pick(alphabets))];
  let text = "";
  for (let left = randomLength(dice); left > 0; left--) text += dice.pick(alphabet);
  return text;
}

/** Mostly short; around the lengths where a prefix grows, and where strings are written in another way. */
export function randomLength(dice: Dice): number {
  switch (dice.below(16)) {
    case 0:
      return 0;
    case 1:
      return 120 + dice.below(16);
    case 2:
      return dice.below(64);
    case 3:
      return dice.oneIn(8) ? 16_380 + dice.below(10) : 28 + dice.below(10);
    default:
      return dice.below(8);
  }
}

/** Any bits, but one NaN of the many: which one a codec keeps is not its own choice. */
function randomDouble(dice: Dice): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setUint32(0, dice.word());
  view.setUint32(4, dice.word());
  return view.getFloat64(0);
}

function shift(dice: Dice): bigint {
  return BigInt(dice.below(64));
}

function long(value: bigint, asString: boolean): bigint | string {
  return asString ? String(value) : value;
}
