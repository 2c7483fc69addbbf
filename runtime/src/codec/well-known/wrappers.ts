/**
 * The messages of google/protobuf/wrappers.proto, and the bare values that stand for them where they are a field outside of
 * a oneof: protobuf-es unwraps those, and whatever else was sent in the wrapper is lost.
 */
import type { Message } from "@bufbuild/protobuf";
import type {
  BoolValue,
  BytesValue,
  DoubleValue,
  FloatValue,
  Int32Value,
  Int64Value,
  StringValue,
  UInt32Value,
  UInt64Value,
} from "@bufbuild/protobuf/wkt";
import type { ByteSink } from "../../base/byte-sink.js";
import { isSetFloat, noBytes } from "../compiled/message-object.js";
import { isSet64, putInt64, putUint64, zero64 } from "../compiled/put-int64.js";
import { putBool, putDouble, putFloat, putInt32, putUint32 } from "../compiled/put-scalar.js";
import { isSetBytes, putBytes, putString } from "../compiled/put-text.js";
import { putUnknown } from "../compiled/put-unknown.js";
import type { WireReader } from "../compiled/wire-reader.js";
import { wrongType } from "../message-init.js";
import { readFields } from "./read-fields.js";

type Wrapper<V> = Message & { value: V };

/** Functions for the message, and for its value alone. */
interface WrapperCodec<M extends Wrapper<V>, V> {
  readonly encode: (m: M, w: ByteSink) => void;
  readonly decode: (r: WireReader, end: number, stop: number, target?: M) => M;
  readonly encodeBare: (value: V, w: ByteSink) => void;
  readonly decodeBare: (r: WireReader, end: number, stop: number, target?: V) => V;
}

/** How one type of value is sent. */
interface ValueRules<V> {
  readonly tag: number;
  readonly zero: V;
  readonly isSet: (value: V) => boolean;
  readonly put: (w: ByteSink, tag: number, value: V) => void;
  readonly read: (r: WireReader) => V;
}

const varint = 8;
const bit64 = 9;
const lengthDelimited = 10;
const bit32 = 13;

function wrapper<M extends Wrapper<V>, V>(typeName: M["$typeName"], rules: ValueRules<V>): WrapperCodec<M, V> {
  const { tag, zero, isSet, put, read } = rules;
  const wrap = (value: V): M => ({ $typeName: typeName, value }) as unknown as M;
  const encodeBare = (value: V, w: ByteSink): void => {
    if (isSet(value)) put(w, tag, value);
  };
  const readField = (m: M, found: number, r: WireReader): boolean => {
    if (found === tag) m.value = read(r);
    return found === tag;
  };
  const decode = (r: WireReader, end: number, stop: number, target?: M): M =>
    readFields(r, end, stop, target ?? wrap(zero), readField);
  return {
    encode: (m, w) => {
      if (m?.$typeName !== typeName) wrongType(m, typeName);
      encodeBare(m.value, w);
      if (m.$unknown !== undefined) putUnknown(w, m.$unknown);
    },
    decode,
    encodeBare,
    decodeBare: (r, end, stop, target = zero) => decode(r, end, stop, wrap(target)).value,
  };
}

const isNumber = (value: number): boolean => value !== 0;

export const doubleValue: WrapperCodec<DoubleValue, number> = /* @__PURE__ */ wrapper("google.protobuf.DoubleValue", {
  ...{ tag: bit64, zero: 0, isSet: isSetFloat, put: putDouble },
  read: (r) => r.double(),
});

export const floatValue: WrapperCodec<FloatValue, number> = /* @__PURE__ */ wrapper("google.protobuf.FloatValue", {
  ...{ tag: bit32, zero: 0, isSet: isSetFloat, put: putFloat },
  read: (r) => r.float(),
});

export const int64Value: WrapperCodec<Int64Value, bigint> = /* @__PURE__ */ wrapper("google.protobuf.Int64Value", {
  ...{ tag: varint, zero: zero64, isSet: isSet64, put: putInt64 },
  read: (r) => r.int64(),
});

export const uint64Value: WrapperCodec<UInt64Value, bigint> = /* @__PURE__ */ wrapper("google.protobuf.UInt64Value", {
  ...{ tag: varint, zero: zero64, isSet: isSet64, put: putUint64 },
  read: (r) => r.uint64(),
});

export const int32Value: WrapperCodec<Int32Value, number> = /* @__PURE__ */ wrapper("google.protobuf.Int32Value", {
  ...{ tag: varint, zero: 0, isSet: isNumber, put: putInt32 },
  read: (r) => r.int32(),
});

export const uint32Value: WrapperCodec<UInt32Value, number> = /* @__PURE__ */ wrapper("google.protobuf.UInt32Value", {
  ...{ tag: varint, zero: 0, isSet: isNumber, put: putUint32 },
  read: (r) => r.uint32(),
});

export const boolValue: WrapperCodec<BoolValue, boolean> = /* @__PURE__ */ wrapper("google.protobuf.BoolValue", {
  ...{ tag: varint, zero: false, isSet: (value) => value !== false, put: putBool },
  read: (r) => r.bool(),
});

export const stringValue: WrapperCodec<StringValue, string> = /* @__PURE__ */ wrapper("google.protobuf.StringValue", {
  ...{ tag: lengthDelimited, zero: "", isSet: (value) => value !== "", put: putString },
  read: (r) => r.string(),
});

export const bytesValue: WrapperCodec<BytesValue, Uint8Array> = /* @__PURE__ */ wrapper("google.protobuf.BytesValue", {
  ...{ tag: lengthDelimited, zero: noBytes, isSet: isSetBytes, put: putBytes },
  read: (r) => r.bytes(),
});
