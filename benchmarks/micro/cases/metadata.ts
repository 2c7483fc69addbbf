/** Metadata: made, asked, written as fields and read from them. grpc-js's class does the same for node:http2's objects. */
import assert from "node:assert/strict";
import type { IncomingHttpHeaders } from "node:http2";
import { Metadata as PeerMetadata } from "@grpc/grpc-js";
import { HeaderBlock } from "../../../runtime/src/hpack/header-block.js";
import { Metadata } from "../../../runtime/src/rpc/metadata.js";
import { metadataToFields, parseMetadata } from "../../../runtime/src/wire/metadata-codec.js";
import type { MicroCase } from "../micro-case.js";
import { freshValues } from "./sample-headers.js";

const count = 256;
const values = freshValues(3 * count);
/** As of a trace id in its binary form. */
const bytes = values.slice(0, count).map((value) => Buffer.from(value, "hex"));

export function metadataCases(): readonly MicroCase[] {
  return [makeCase(), getCase(), serialiseCase(), parseCase(), binaryCase()];
}

function entriesOf(i: number): Record<string, string> {
  return {
    "x-request-id": values[3 * i] as string,
    "x-tenant": "tenant-42",
    "x-session": values[3 * i + 1] as string,
  };
}

function filled<M extends Metadata | PeerMetadata>(metadata: M, i: number): M {
  for (const [key, value] of Object.entries(entriesOf(i))) metadata.set(key, value);
  return metadata;
}

function makeCase(): MicroCase {
  const make = (Class: typeof Metadata | typeof PeerMetadata) => () => {
    let last: unknown;
    for (let i = 0; i < count; i++) {
      const metadata = new Class();
      metadata.set("x-request-id", values[i] as string);
      last = metadata;
    }
    return last;
  };
  return {
    id: "metadata/make",
    operation: "a new object with one value of 32 characters",
    operations: count,
    run: make(Metadata),
    peer: { name: "grpc-js", run: make(PeerMetadata) },
  };
}

function getCase(): MicroCase {
  const ask = (list: readonly (Metadata | PeerMetadata)[]) => () => {
    let length = 0;
    for (let i = 0; i < count; i++) length += list[i]?.get("x-session")?.length ?? 0;
    return length;
  };
  return {
    id: "metadata/get",
    operation: "the last of three values",
    operations: count,
    run: ask(Array.from({ length: count }, (_, i) => filled(new Metadata(), i))),
    peer: { name: "grpc-js", run: ask(Array.from({ length: count }, (_, i) => filled(new PeerMetadata(), i))) },
  };
}

function serialiseCase(): MicroCase {
  const own = Array.from({ length: count }, (_, i) => filled(new Metadata(), i));
  const theirs = Array.from({ length: count }, (_, i) => filled(new PeerMetadata(), i));
  return {
    id: "metadata/write",
    operation: "three values as header fields",
    operations: count,
    run: () => {
      let last: unknown;
      for (let i = 0; i < count; i++) {
        const fields: string[] = [];
        metadataToFields(own[i] as Metadata, fields);
        last = fields;
      }
      return last;
    },
    peer: {
      name: "grpc-js",
      run: () => {
        let last: unknown;
        for (let i = 0; i < count; i++) last = theirs[i]?.toHttp2Headers();
        return last;
      },
    },
  };
}

function parseCase(): MicroCase {
  const blocks = Array.from({ length: count }, (_, i) => new HeaderBlock(Object.entries(entriesOf(i)).flat()));
  const objects = Array.from({ length: count }, (_, i) => entriesOf(i));
  const run = (): unknown => {
    let last: unknown;
    for (let i = 0; i < count; i++) last = parseMetadata(blocks[i] as HeaderBlock);
    return last;
  };
  assert.ok("metadata" in (run() as object));
  return {
    id: "metadata/read",
    operation: "three values from header fields",
    operations: count,
    run,
    peer: {
      name: "grpc-js",
      run: () => {
        let last: unknown;
        for (let i = 0; i < count; i++) last = PeerMetadata.fromHttp2Headers(objects[i] as Record<string, string>);
        return last;
      },
    },
  };
}

function binaryCase(): MicroCase {
  const run = (): unknown => {
    let last: unknown;
    for (let i = 0; i < count; i++) {
      const metadata = new Metadata();
      metadata.set("x-trace-bin", bytes[i] as Buffer);
      const fields: string[] = [];
      metadataToFields(metadata, fields);
      last = parseMetadata(new HeaderBlock(fields));
    }
    return last;
  };
  const read = run() as { metadata: Metadata };
  assert.deepEqual(Buffer.from(read.metadata.get("x-trace-bin") as Uint8Array), bytes.at(-1));
  return {
    id: "metadata/binary",
    operation: "a binary value of 16 B, written and read",
    operations: count,
    run,
    peer: {
      name: "grpc-js",
      run: () => {
        let last: unknown;
        for (let i = 0; i < count; i++) {
          const metadata = new PeerMetadata();
          metadata.set("x-trace-bin", bytes[i] as Buffer);
          last = PeerMetadata.fromHttp2Headers(metadata.toHttp2Headers() as IncomingHttpHeaders);
        }
        return last;
      },
    },
  };
}
