import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import {
  bytesOf,
  clientPreface,
  describeFrame,
  frames,
  type Part,
  parseFrames,
  uint32,
  type WireFrame,
} from "../support/frames.js";

export const service = "/godwit.testing.v1.EchoService/";

/** The other end of a socket, which says what it is told to. */
export class RawPeer {
  readonly frames: WireFrame[] = [];
  readonly #socket: Socket;
  #rest = Buffer.alloc(0);
  #ended = false;
  #prefaceBytes: number;

  constructor(socket: Socket, prefaceBytes = 0) {
    this.#socket = socket;
    this.#prefaceBytes = prefaceBytes;
    socket.on("error", () => undefined);
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("close", () => {
      this.#ended = true;
    });
  }

  static async connect(port: number): Promise<RawPeer> {
    const socket = createConnection({ port, host: "127.0.0.1", noDelay: true });
    await once(socket, "connect");
    return new RawPeer(socket);
  }

  send(...parts: Part[]): this {
    this.#socket.write(bytesOf(...parts));
    return this;
  }

  /** Every frame that came until one matches, in words; all of them when the connection ends first. */
  async until(pattern: RegExp): Promise<string> {
    for (;;) {
      const seen = this.frames.map(describeFrame);
      if (this.#ended || seen.some((text) => pattern.test(text))) return seen.join(", ");
      await Promise.race([once(this.#socket, "data"), once(this.#socket, "close")]);
    }
  }

  destroy(): void {
    this.#socket.destroy();
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }

  #read(chunk: Buffer): void {
    const skipped = Math.min(this.#prefaceBytes, chunk.length);
    this.#prefaceBytes -= skipped;
    this.#rest = Buffer.concat([this.#rest, chunk.subarray(skipped)]);
    let end = 0;
    for (;;) {
      if (end + 9 > this.#rest.length || end + 9 + this.#rest.readUIntBE(end, 3) > this.#rest.length) break;
      end += 9 + this.#rest.readUIntBE(end, 3);
    }
    this.frames.push(...parseFrames(this.#rest.subarray(0, end)));
    this.#rest = this.#rest.subarray(end);
  }
}

export function request(id: number, path = `${service}Unary`, ...more: string[]) {
  return frames.headers(id).request(path, "content-type", "application/grpc", "te", "trailers", ...more);
}

export function message(bytes: Uint8Array = Buffer.alloc(0), flag = 0): Buffer {
  return Buffer.concat([Buffer.of(flag), uint32(bytes.length), bytes]);
}

/** A unary call whose request is one empty message. */
export function unary(id: number, path?: string, ...more: string[]): Part[] {
  return [request(id, path, ...more), frames.data(id, message()).endStream()];
}

/** 34 bytes each in the sense of RFC 9113 §6.5.2, and 5 on the wire. */
export const hundredFields = Array.from({ length: 100 }, () => ["a", "b"]).flat();

export const hello = [clientPreface, frames.settings(), frames.settingsAck()];
