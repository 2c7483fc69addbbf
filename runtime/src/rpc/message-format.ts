/**
 * How messages are written on a wire: protobuf's binary form, or ProtoJSON. It is the subtype of content-type
 * (PROTOCOL-HTTP2, Content-Type): `application/grpc` is `proto`, `application/grpc+json` is `json`.
 */
export type MessageFormat = "proto" | "json";

export const messageFormats: readonly MessageFormat[] = Object.freeze(["proto", "json"]);

export const defaultMessageFormat: MessageFormat = "proto";

/** Throws TypeError, naming `option`, unless `value` is a format. */
export function checkMessageFormat(value: unknown, option: string): MessageFormat {
  if (messageFormats.includes(value as MessageFormat)) return value as MessageFormat;
  throw new TypeError(`${option} is ${JSON.stringify(value)}, expected ${messageFormats.join(" or ")}`);
}
