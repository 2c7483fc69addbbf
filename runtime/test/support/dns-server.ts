import { createSocket, type RemoteInfo, type Socket } from "node:dgram";
import { once } from "node:events";

/** Data of a record, and how long it may be kept. */
export type TestRecord =
  | { readonly type: "A" | "AAAA"; readonly address: string; readonly ttl: number }
  | {
      readonly type: "SRV";
      readonly host: string;
      readonly port: number;
      readonly priority: number;
      readonly weight: number;
    }
  | { readonly type: "TXT"; readonly strings: readonly string[] };

const types = { A: 1, TXT: 16, AAAA: 28, SRV: 33 } as const;
const typeNames = new Map<number, keyof typeof types>(
  Object.entries(types).map(([name, code]) => [code, name as keyof typeof types]),
);
const noSuchName = 3;
const headerBytes = 12;

/** A DNS server on a UDP port of this host (RFC 1035): it knows a few names, and no other server. */
export class TestDnsServer {
  /** By name; a name that is not here does not exist. */
  readonly zone = new Map<string, readonly TestRecord[]>();
  /** `A shop.test`, in order of arrival. */
  readonly questions: string[] = [];
  /** Answers nothing at all. */
  isSilent = false;
  /** RCODE of every answer, where it is not 0: 2 is SERVFAIL, 5 REFUSED. */
  failure = 0;
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("message", (query, from) => this.#onQuery(query, from));
  }

  static async open(): Promise<TestDnsServer> {
    const socket = createSocket("udp4");
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    return new TestDnsServer(socket);
  }

  /** As Platform.dns and a target's authority take it. */
  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await once(this.#socket, "close");
  }

  #onQuery(query: Buffer, from: RemoteInfo): void {
    const { name, end } = readName(query, headerBytes);
    const type = typeNames.get(query.readUInt16BE(end));
    this.questions.push(`${type ?? query.readUInt16BE(end)} ${name}`);
    if (this.isSilent) return;
    const records = this.zone.get(name.toLowerCase());
    const answers = (records ?? []).filter((record) => record.type === type);
    const header = Buffer.alloc(headerBytes);
    query.copy(header, 0, 0, 2);
    const rcode = this.failure || (records === undefined ? noSuchName : 0);
    // QR, AA, RD and RA: an answer, with authority, to a question that allowed recursion.
    header.writeUInt16BE(0x8580 | rcode, 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(rcode === 0 ? answers.length : 0, 6);
    const question = query.subarray(headerBytes, end + 4);
    const parts = rcode === 0 ? answers.map(encodeRecord) : [];
    this.#socket.send(Buffer.concat([header, question, ...parts]), from.port, from.address);
  }
}

function readName(message: Buffer, start: number): { name: string; end: number } {
  const labels: string[] = [];
  let at = start;
  for (let length = message.readUInt8(at++); length > 0; length = message.readUInt8(at++)) {
    labels.push(message.toString("latin1", at, at + length));
    at += length;
  }
  return { name: labels.join("."), end: at };
}

function encodeRecord(record: TestRecord): Buffer {
  const data = encodeData(record);
  const head = Buffer.alloc(12);
  // RFC 1035 §4.1.4: the name is that of the question, which follows the header.
  head.writeUInt16BE(0xc000 | headerBytes, 0);
  head.writeUInt16BE(types[record.type], 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE("ttl" in record ? record.ttl : 60, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function encodeData(record: TestRecord): Buffer {
  switch (record.type) {
    case "A":
      return Buffer.from(record.address.split(".").map(Number));
    case "AAAA":
      return encodeIpv6(record.address);
    case "SRV": {
      const numbers = Buffer.alloc(6);
      numbers.writeUInt16BE(record.priority, 0);
      numbers.writeUInt16BE(record.weight, 2);
      numbers.writeUInt16BE(record.port, 4);
      return Buffer.concat([numbers, encodeName(record.host)]);
    }
    case "TXT":
      return Buffer.concat(record.strings.map(encodeString));
  }
}

function encodeIpv6(address: string): Buffer {
  const [left = "", right = ""] = address.split("::");
  const groups = (side: string): number[] =>
    side === "" ? [] : side.split(":").map((group) => Number.parseInt(group, 16));
  const [head, tail] = [groups(left), groups(right)];
  const all = [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail];
  const bytes = Buffer.alloc(16);
  for (const [i, group] of all.entries()) bytes.writeUInt16BE(group, 2 * i);
  return bytes;
}

function encodeName(name: string): Buffer {
  return Buffer.concat([...name.split(".").filter(Boolean).map(encodeString), Buffer.alloc(1)]);
}

function encodeString(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}
