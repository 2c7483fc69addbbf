/** Libraries by the name of their column. `godwit` leaves the bytes in a connection's arena, `godwit-copied` takes them out. */
export const libraries = [
  "protobuf-es",
  "godwit",
  "godwit-copied",
  "protobufjs",
  "ts-proto",
  "protobuf-ts",
  "google-protobuf",
] as const;
export type Library = (typeof libraries)[number];

/** What a library does with one message type. */
export interface MessageCodec {
  decode(bytes: Uint8Array): unknown;
  encode(message: never): unknown;
  /** The bytes of what was encoded last; they are what `encode` gives where this is left out. */
  readonly bytesOf?: () => Uint8Array;
}

/** By the name of the message in the .proto. A library that does not know editions lacks a message. */
export type Subject = Readonly<Record<string, MessageCodec | undefined>>;
