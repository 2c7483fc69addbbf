/**
 * What generated code imports, and nothing else does. A name here keeps its meaning for as long as the folder is called
 * v1; what must change gets a v2 beside it.
 */
export type { UnknownField } from "@bufbuild/protobuf";
export type { ByteSink } from "../base/byte-sink.js";
export { decForeign, encForeign } from "../codec/compiled/foreign.js";
export {
  boolKey,
  hasOwn,
  isSetFloat,
  keysOf,
  type MessageConstructor,
  missing,
  noBytes,
  numberKey,
  own,
  setEntry,
  shapeOf,
  text64,
} from "../codec/compiled/message-object.js";
export {
  packBool,
  packDouble,
  packFixed32,
  packFixed64,
  packFloat,
  packInt32,
  packInt64,
  packSfixed32,
  packSfixed64,
  packSint32,
  packSint64,
  packUint32,
  packUint64,
} from "../codec/compiled/pack.js";
export {
  isSet64,
  putFixed64,
  putInt64,
  putSfixed64,
  putSint64,
  putUint64,
  zero64,
} from "../codec/compiled/put-int64.js";
export { beginNested, endNested, putGroup } from "../codec/compiled/put-nested.js";
export {
  putBool,
  putDouble,
  putFixed32,
  putFloat,
  putInt32,
  putSfixed32,
  putSint32,
  putUint32,
} from "../codec/compiled/put-scalar.js";
export { isSetBytes, putBytes, putString } from "../codec/compiled/put-text.js";
export { putUnknown } from "../codec/compiled/put-unknown.js";
export { hasNumber, unknownEnum } from "../codec/compiled/unknown-field.js";
export {
  unpackBool,
  unpackDouble,
  unpackFixed32,
  unpackFixed64,
  unpackFloat,
  unpackInt32,
  unpackInt64,
  unpackSfixed32,
  unpackSfixed64,
  unpackSint32,
  unpackSint64,
  unpackText64,
  unpackUint32,
  unpackUint64,
} from "../codec/compiled/unpack.js";
export type { WireReader } from "../codec/compiled/wire-reader.js";
export { createCompiledCodec } from "../codec/compiled-codec.js";
export { defineService } from "../codec/define-service.js";
export { wrongType } from "../codec/message-init.js";
export { decAny, decEmpty, decFieldMask, encAny, encEmpty, encFieldMask } from "../codec/well-known/plain.js";
export {
  decListValue,
  decStruct,
  decValue,
  encListValue,
  encStruct,
  encValue,
} from "../codec/well-known/struct.js";
export { decBareStruct, encBareStruct } from "../codec/well-known/struct-json.js";
export { decDuration, decTimestamp, encDuration, encTimestamp } from "../codec/well-known/time.js";
export {
  boolValue,
  bytesValue,
  doubleValue,
  floatValue,
  int32Value,
  int64Value,
  stringValue,
  uint32Value,
  uint64Value,
} from "../codec/well-known/wrappers.js";
export type { CallOptions } from "../rpc/call-options.js";
export type { HandlerContext } from "../rpc/handler-context.js";
export type { MessageSource, ServerStream } from "../rpc/message-source.js";
export type { Service } from "../rpc/service.js";
