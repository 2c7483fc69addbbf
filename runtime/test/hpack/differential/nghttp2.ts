/** nghttp2, by way of node:http2: its decoder reads our blocks, its encoder writes blocks for us. */
import http2 from "node:http2";
import { clientPreface, codeName, frames, frameType, settingId, type WireFrame } from "../../support/frames.js";
import { NodeHttp2Wire } from "../../support/node-http2-wire.js";
import type { Field } from "./header-lists.js";

/** Far above what is sent: the limits of nghttp2 are not what is tested. */
const manyStreams = 0x7fffffff;
const listBytes = 1 << 24;
const maxPairs = 1000;
const frameBytes = 16_384;

/** Its server's side: takes request blocks. */
export class Nghttp2Decoder implements AsyncDisposable {
  readonly #server: http2.Http2Server;
  readonly #wire: NodeHttp2Wire;
  #session: http2.ServerHttp2Session | undefined;
  #error: Error | undefined;
  #nextStreamId = 1;
  #settingsSeen = 0;
  readonly #lists: Field[][] = [];
  #wake = (): void => {};

  private constructor(tableBytes: number) {
    const settings = { headerTableSize: tableBytes, maxHeaderListSize: listBytes };
    this.#server = http2.createServer({ settings, maxHeaderListPairs: maxPairs, maxSessionMemory: 1000 });
    this.#server.on("session", (session) => {
      this.#session = session;
    });
    this.#server.on("sessionError", (error) => this.#fail(error));
    // The types of node:http2 leave out the last argument: name and value in turn, as they came.
    const take = (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders, _flags: number, raw: string[]) =>
      this.#take(stream, headers, raw);
    this.#server.on("stream", take as (stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders) => void);
    this.#wire = new NodeHttp2Wire(0, (frame) => {
      if (frame.type === frameType.GOAWAY)
        this.#fail(new Error(`GOAWAY ${frame.payload.subarray(4).toString("latin1")}`));
      // NO_ERROR is how it says that it needs no more of a request.
      const reset = frame.type === frameType.RST_STREAM ? frame.payload.readUInt32BE(0) : 0;
      if (reset !== 0) this.#fail(new Error(`stream ${frame.streamId} was reset: ${codeName(reset)}`));
      if (frame.type !== frameType.SETTINGS || (frame.flags & 1) !== 0) return;
      this.#settingsSeen++;
      this.#wire.push(frames.settingsAck().build());
      this.#wake();
    });
    this.#wire.on("close", () => this.#fail(new Error("node:http2 has closed the connection")));
    this.#server.emit("connection", this.#wire);
    this.#wire.push(Buffer.concat([clientPreface, frames.settings().build()]));
  }

  /** Its SETTINGS say how large a table it takes. */
  static async open(tableBytes: number): Promise<Nghttp2Decoder> {
    const decoder = new Nghttp2Decoder(tableBytes);
    await decoder.#until(() => decoder.#settingsSeen === 1);
    return decoder;
  }

  /** Announces another table size; resolves once it has our acknowledgement. */
  async announce(tableBytes: number): Promise<void> {
    let isAcknowledged = false;
    this.#session?.settings({ headerTableSize: tableBytes }, () => {
      isAcknowledged = true;
      this.#wake();
    });
    await this.#until(() => isAcknowledged);
  }

  /** Sends a block as a request, in as many frames as it takes. */
  push(block: Buffer): void {
    const id = this.#nextStreamId;
    this.#nextStreamId += 2;
    const pieces = [block.subarray(0, frameBytes)];
    for (let at = frameBytes; at < block.length; at += frameBytes) pieces.push(block.subarray(at, at + frameBytes));
    const [first, ...rest] = pieces;
    const headers = frames
      .headers(id)
      .block(first as Buffer)
      .endStream();
    this.#wire.push((rest.length === 0 ? headers : headers.unfinished()).build());
    for (const [i, piece] of rest.entries()) {
      const continuation = frames.continuation(id, piece);
      this.#wire.push((i === rest.length - 1 ? continuation.endHeaders() : continuation).build());
    }
  }

  /** The lists of the blocks so far, once there are `count`. */
  async lists(count: number): Promise<readonly (readonly Field[])[]> {
    await this.#until(() => this.#lists.length >= count);
    return this.#lists;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#session?.destroy();
    this.#wire.destroy();
  }

  #take(stream: http2.ServerHttp2Stream, headers: http2.IncomingHttpHeaders, raw: readonly string[]): void {
    const secrets = (headers as { [http2.sensitiveHeaders]?: string[] })[http2.sensitiveHeaders] ?? [];
    const list: Field[] = [];
    for (let i = 0; i < raw.length; i += 2) {
      const name = raw[i] as string;
      list.push({ name, value: raw[i + 1] as string, secret: secrets.includes(name) });
    }
    this.#lists.push(list);
    stream.on("error", () => {});
    stream.respond({ ":status": 204 }, { endStream: true });
    this.#wake();
  }

  #fail(error: Error): void {
    this.#error ??= error;
    this.#wake();
  }

  async #until(isReached: () => boolean): Promise<void> {
    while (!isReached()) {
      if (this.#error !== undefined) throw this.#error;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** Its client's side: makes request blocks. */
export class Nghttp2Encoder implements AsyncDisposable {
  readonly #client: http2.ClientHttp2Session;
  readonly #wire: NodeHttp2Wire;
  readonly #blocks: Buffer[] = [];
  #block: Buffer[] = [];
  #acknowledged = 0;
  #error: Error | undefined;
  #wake = (): void => {};

  private constructor() {
    this.#wire = new NodeHttp2Wire(clientPreface.length, (frame) => this.#onFrame(frame));
    this.#client = http2.connect("http://test", {
      createConnection: () => this.#wire,
      maxSendHeaderBlockLength: listBytes,
      maxSessionMemory: 1000,
    });
    this.#client.on("error", () => {});
    this.#wire.on("close", () => {
      this.#error ??= new Error("node:http2 has closed the connection");
      this.#wake();
    });
  }

  static async open(): Promise<Nghttp2Encoder> {
    const encoder = new Nghttp2Encoder();
    await encoder.#say(settingId.MAX_CONCURRENT_STREAMS, manyStreams, settingId.MAX_HEADER_LIST_SIZE, listBytes);
    return encoder;
  }

  /** Says how large a table we take; resolves once it has acknowledged that. */
  announce(tableBytes: number): Promise<void> {
    return this.#say(settingId.HEADER_TABLE_SIZE, tableBytes);
  }

  /** Blocks of requests, made one after the other. Fields of one name are sent next to each other. */
  async encode(lists: readonly (readonly Field[])[]): Promise<Buffer[]> {
    const wanted = this.#blocks.length + lists.length;
    for (const list of lists) this.#client.request(asHeaders(list), { endStream: true }).on("error", () => {});
    while (this.#blocks.length < wanted) await this.#event();
    return this.#blocks.slice(wanted - lists.length);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.destroy();
  }

  async #say(...settings: number[]): Promise<void> {
    const wanted = this.#acknowledged + 1;
    this.#wire.push(frames.settings(...settings).build());
    while (this.#acknowledged < wanted) await this.#event();
  }

  #event(): Promise<void> {
    if (this.#error !== undefined) return Promise.reject(this.#error);
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #onFrame({ type, flags, payload }: WireFrame): void {
    if (type === frameType.SETTINGS) {
      if ((flags & 0x1) !== 0) this.#acknowledged++;
      else this.#wire.push(frames.settingsAck().build());
    }
    if (type === frameType.GOAWAY) this.#error = new Error(`GOAWAY ${payload.subarray(4).toString("latin1")}`);
    if (type === frameType.HEADERS || type === frameType.CONTINUATION) {
      const hasPriority = type === frameType.HEADERS && (flags & 0x20) !== 0;
      this.#block.push(payload.subarray(hasPriority ? 5 : 0));
      if ((flags & 0x4) !== 0) {
        this.#blocks.push(Buffer.concat(this.#block));
        this.#block = [];
      }
    }
    this.#wake();
  }
}

/** As node:http2 wants them: one entry a name, the names of secrets apart. */
function asHeaders(list: readonly Field[]): http2.OutgoingHttpHeaders {
  const headers: Record<string, string | string[]> = {};
  const secrets: string[] = [];
  for (const { name, value, secret } of list) {
    const before = headers[name];
    headers[name] = before === undefined ? value : [...(Array.isArray(before) ? before : [before]), value];
    if (secret && !secrets.includes(name)) secrets.push(name);
  }
  return Object.assign(headers, { [http2.sensitiveHeaders]: secrets }) as http2.OutgoingHttpHeaders;
}

/** The fields in the order in which the encoder sends them: those of one name where the first of them stands. */
export function grouped(list: readonly Field[]): Field[] {
  const byName = new Map<string, Field[]>();
  for (const field of list) {
    const same = byName.get(field.name);
    if (same === undefined) byName.set(field.name, [field]);
    else same.push(field);
  }
  return [...byName.values()].flat();
}
