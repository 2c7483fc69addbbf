import type { Message } from "@bufbuild/protobuf";

const marked = new WeakSet<object>();

/**
 * Has a message go as it is where the messages of its call are compressed (PROTOCOL-HTTP2, Compressed-Flag), and returns
 * it: for what does not shrink, and for secrets, whose size betrays them when they are compressed together with what
 * others chose. Throws TypeError for an object that is no message made by `create`: of such a one a copy is sent. Calls
 * within a process have no encoding. (grpc-js: WriteFlags.NoCompress)
 */
export function uncompressed<T extends Message>(message: T): T {
  if (typeof (message as Partial<Message> | undefined)?.$typeName !== "string") {
    throw new TypeError("uncompressed() takes a message that create() made, not the fields of one");
  }
  marked.add(message);
  return message;
}

export function isUncompressed(message: unknown): boolean {
  return marked.has(message as object);
}
