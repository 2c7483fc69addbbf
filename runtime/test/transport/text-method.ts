import type { Codec } from "../../src/rpc/codec.js";
import type { MethodDescriptor } from "../../src/rpc/method-descriptor.js";
import { echoMethod } from "../support/echo-service.js";

/** A message whose bytes are its text: what is on the wire can be read. */
export interface TextMessage {
  readonly value: string;
}

/** "unencodable" and "undecodable" are not. */
export const textCodec: Codec = {
  encode(message, sink) {
    const { value } = message as TextMessage;
    // Something has been written by then, as of a real codec.
    sink.append(Buffer.from(value));
    if (value === "unencodable") throw new Error("no such text");
  },
  decode(bytes, start, end) {
    const value = Buffer.from(bytes.subarray(start, end)).toString();
    if (value === "undecodable") throw new Error("bad text");
    return { value };
  },
};

export const textMethod: MethodDescriptor = {
  ...echoMethod("chat"),
  path: "/test.v1.Text/Talk",
  requestCodec: textCodec,
  responseCodec: textCodec,
};

export function text(value: string): TextMessage {
  return { value };
}

/** A message as it is on the wire (PROTOCOL-HTTP2, Length-Prefixed-Message). */
export function framed(value: string | Uint8Array, flag = 0): Buffer {
  const bytes = Buffer.from(value as string);
  const prefix = Buffer.alloc(5);
  prefix[0] = flag;
  prefix.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([prefix, bytes]);
}
