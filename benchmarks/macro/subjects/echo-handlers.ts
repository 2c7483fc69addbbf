import type { EchoServiceHandlers } from "../../gen/godwit/testing/v1/echo_godwit.js";

export const echoHandlers = {
  unary: ({ id, payload }) => ({ id, payload }),

  *serverStream({ count, size }) {
    const payload = new Uint8Array(size);
    for (let index = 0; index < count; index++) yield { index, payload };
  },

  async clientStream(requests) {
    let messages = 0;
    let bytes = 0;
    for await (const { payload } of requests) {
      messages++;
      bytes += payload.length;
    }
    return { messages, bytes: BigInt(bytes) };
  },

  async *bidi(requests) {
    for await (const { index, payload } of requests) yield { index, payload };
  },
} satisfies EchoServiceHandlers;
