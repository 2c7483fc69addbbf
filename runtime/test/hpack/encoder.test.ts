import assert from "node:assert/strict";
import { HpackEncoder } from "../../src/hpack/encoder.js";
import { HeaderBlock } from "../../src/hpack/header-block.js";
import { createDecoder, decodeBlock, encode, fieldsOf, wire } from "./fields.js";

/** What the octets stand for, read by a decoder that has read all before them. */
function pair(encoder = new HpackEncoder()) {
  const decoder = createDecoder();
  return {
    encoder,
    /** Encodes, checks that the decoder reads the same, and returns the octets in hexadecimal. */
    send(block: HeaderBlock): string {
      const bytes = encode(encoder, block);
      assert.deepEqual(fieldsOf(decodeBlock(decoder, bytes)), fieldsOf(block));
      assert.equal(decoder.tableBytes, encoder.tableBytes);
      return bytes.toString("hex");
    },
    sendFields(...fields: string[]): string {
      return this.send(new HeaderBlock(fields));
    },
  };
}

/** First octets of the representations, the index in their low bits. */
const kindOf = (hex: string) => {
  const first = Number.parseInt(hex.slice(0, 2), 16);
  if (first >= 0x80) return "indexed";
  if (first >= 0x40) return "incremental";
  if (first >= 0x20) return "sizeUpdate";
  return first >= 0x10 ? "neverIndexed" : "withoutIndexing";
};

describe("hpack encoder: representations", () => {
  it("uses the static table for fields and for names", () => {
    const { sendFields } = pair();
    assert.equal(sendFields.call(pair(), ":method", "POST", ":scheme", "https", ":status", "200"), "838788");
    assert.equal(sendFields.call(pair(), ":authority", ""), "81");
    assert.equal(sendFields.call(pair(), "content-type", "\x01"), "5f0101");
  });

  it("indexes a new name with its value, and finds both again", () => {
    const peer = pair();
    assert.equal(kindOf(peer.sendFields("grpc-status", "0")), "incremental");
    assert.equal(peer.sendFields("grpc-status", "0"), "be");
    assert.equal(peer.sendFields("x-a", "1").slice(0, 2), "40");
    assert.equal(peer.sendFields("grpc-status", "0"), "bf");
    assert.equal(peer.sendFields("x-a", "1"), "be");
  });

  it("sends a further value of a known name without indexing, with the name by index", () => {
    const peer = pair();
    peer.sendFields("grpc-timeout", "1000m");
    const bytes = peer.encoder.tableBytes;
    for (let i = 0; i < 50; i++) {
      const hex = peer.sendFields("grpc-timeout", `${900 + i}m`);
      assert.equal(hex.slice(0, 4), "0f2f", "index 62 in a 4-bit prefix");
    }
    assert.equal(peer.encoder.tableBytes, bytes, "the table is as it was");
  });

  it("indexes a further value when it comes twice in a row", () => {
    const peer = pair();
    peer.sendFields("x-shard", "a");
    assert.equal(kindOf(peer.sendFields("x-shard", "b")), "withoutIndexing");
    assert.equal(kindOf(peer.sendFields("x-shard", "b")), "incremental");
    assert.equal(peer.sendFields("x-shard", "b"), "be");
    assert.equal(peer.sendFields("x-shard", "a"), "bf");
  });

  it("counts a value as the second in a row when only indexed ones were between", () => {
    const peer = pair();
    peer.sendFields("x-shard", "a");
    assert.equal(kindOf(peer.sendFields("x-shard", "b")), "withoutIndexing");
    assert.equal(peer.sendFields("x-shard", "a"), "be");
    assert.equal(kindOf(peer.sendFields("x-shard", "b")), "incremental");
  });

  it("indexes the first value of a static name, and treats the next like any other", () => {
    const peer = pair();
    assert.equal(kindOf(peer.sendFields("user-agent", "a")), "incremental");
    assert.equal(kindOf(peer.sendFields("user-agent", "b")), "withoutIndexing");
    assert.equal(peer.sendFields("user-agent", "a"), "be");
  });

  it("does not index a field larger than half of the table", () => {
    const peer = pair();
    const fits = "x".repeat(2048 - 32 - 4);
    assert.equal(kindOf(peer.sendFields("name", `${fits}x`)), "withoutIndexing");
    assert.equal(peer.encoder.tableBytes, 0);
    assert.equal(kindOf(peer.sendFields("name", fits)), "incremental");
    assert.equal(peer.encoder.tableBytes, 2048);
  });

  it("forgets a name whose last entry was evicted", () => {
    const peer = pair();
    peer.encoder.setMaxTableSize(100);
    peer.sendFields("x-first", "1");
    peer.sendFields("x-first", "2");
    peer.sendFields("x-second", "1");
    peer.sendFields("x-third", "1");
    assert.equal(kindOf(peer.sendFields("x-first", "2")), "incremental", "new again");
  });

  it("keeps a name whose newer entry is still there when the older is evicted", () => {
    const peer = pair();
    peer.encoder.setMaxTableSize(120);
    peer.sendFields("n", "1");
    peer.sendFields("n", "2");
    peer.sendFields("n", "2");
    peer.sendFields("x", "1");
    peer.sendFields("y", "1"); // evicts n=1
    assert.equal(peer.sendFields("n", "2"), "c0");
    assert.equal(kindOf(peer.sendFields("n", "1")), "withoutIndexing");
  });

  it("encodes an empty block as nothing", () => {
    assert.equal(pair().sendFields(), "");
  });

  it("finds one value among many under a name", () => {
    const peer = pair();
    for (let i = 0; i < 10; i++) for (let time = 0; time < 2; time++) peer.sendFields("x-shard", `value-${i}`);
    for (let i = 0; i < 10; i++)
      assert.equal(peer.sendFields("x-shard", `value-${i}`), (0x80 + 62 + 9 - i).toString(16));
  });
});

describe("hpack encoder: secrets", () => {
  it("sends what a block says is secret as never-indexed literals, and keeps no octets of it", () => {
    const peer = pair();
    const prefix = new HeaderBlock([":path", "/a", "x-key", "public"]);
    const blocks = [1, 2, 3, 4].map(() => new HeaderBlock(["x-key", "s3cr3t", "x-b", "1"], prefix, new Set(["x-key"])));
    peer.send(blocks[0] as HeaderBlock);
    const bytes = peer.encoder.tableBytes;
    for (const block of blocks.slice(1)) peer.send(block);
    assert.equal(peer.encoder.tableBytes, bytes, "the value is in no table");
    // The same block again and again: what comes repeatedly is kept, but not with a secret in it.
    const alone = new HeaderBlock(["x-key", "s3cr3t"], undefined, new Set(["x-key"]));
    for (let i = 0; i < 4; i++) assert.equal(kindOf(peer.send(alone)), "neverIndexed");
    assert.equal(kindOf(peer.sendFields("x-unknown", "v")), "incremental");
    const unknown = new HeaderBlock(["x-other", "s3cr3t"], undefined, new Set(["x-other"]));
    assert.equal(kindOf(peer.send(unknown)), "neverIndexed");
    assert.equal(kindOf(peer.sendFields("authorization", "x")), "neverIndexed");
  });

  it("sends authorization, proxy-authorization, cookie and set-cookie as never-indexed literals", () => {
    const peer = pair();
    const indices = { authorization: "1f08", "proxy-authorization": "1f22", cookie: "1f11", "set-cookie": "1f28" };
    for (const [name, start] of Object.entries(indices)) {
      for (let time = 0; time < 3; time++) assert.equal(peer.sendFields(name, "Bearer 123").slice(0, 4), start);
    }
    assert.equal(peer.encoder.tableBytes, 0);
  });

  it("takes other names, in full where no table has them", () => {
    const peer = pair(new HpackEncoder({ neverIndexed: new Set(["x-token", "server"]) }));
    for (let time = 0; time < 3; time++) {
      assert.equal(peer.sendFields("x-token", "1").slice(0, 2), "10");
      assert.equal(kindOf(peer.sendFields("server", "s")), "neverIndexed");
    }
    assert.equal(kindOf(peer.sendFields("authorization", "1")), "incremental", "only the names given count");
  });
});

describe("hpack encoder: table size (RFC 7541 §4.2)", () => {
  it("uses 4096 bytes whatever the peer offers, and says nothing when nothing changes", () => {
    for (const offer of [4096, 4097, 65536, 2 ** 32 - 1]) {
      const peer = pair();
      peer.encoder.setMaxTableSize(offer);
      assert.equal(peer.sendFields(":method", "GET"), "82");
    }
  });

  it("begins the next block, and only that, with the new size", () => {
    const peer = pair();
    peer.encoder.setMaxTableSize(100);
    assert.equal(peer.sendFields(":method", "GET"), `${wire.sizeUpdate(100).toString("hex")}82`);
    assert.equal(peer.sendFields(":method", "GET"), "82");
    peer.encoder.setMaxTableSize(100);
    assert.equal(peer.sendFields(":method", "GET"), "82");
  });

  it("says the smallest size first when it shrank in between", () => {
    const peer = pair();
    peer.sendFields("x-a", "1");
    peer.encoder.setMaxTableSize(64);
    peer.encoder.setMaxTableSize(0);
    peer.encoder.setMaxTableSize(1000);
    const updates = wire.sizeUpdate(0).toString("hex") + wire.sizeUpdate(1000).toString("hex");
    assert.equal(peer.sendFields(":method", "GET"), `${updates}82`);
    assert.equal(peer.encoder.tableBytes, 0);
    assert.equal(kindOf(peer.sendFields("x-a", "1")), "incremental");
  });

  it("empties the table between two sizes: Go's decoder takes the second only then (RFC 7541 §4.2)", () => {
    const peer = pair();
    peer.sendFields("x-a", "1");
    peer.encoder.setMaxTableSize(500);
    peer.encoder.setMaxTableSize(1000);
    const updates = wire.sizeUpdate(0).toString("hex") + wire.sizeUpdate(1000).toString("hex");
    assert.equal(peer.sendFields(":method", "GET"), `${updates}82`);
    assert.equal(peer.encoder.tableBytes, 0);
  });

  it("says a shrink and the way back to the same size", () => {
    const peer = pair();
    peer.encoder.setMaxTableSize(0);
    peer.encoder.setMaxTableSize(4096);
    assert.equal(peer.sendFields(":method", "GET"), "203fe11f82");
  });

  it("says one size when it only grew or only shrank", () => {
    const peer = pair();
    peer.encoder.setMaxTableSize(2000);
    peer.encoder.setMaxTableSize(1000);
    assert.equal(peer.sendFields(), wire.sizeUpdate(1000).toString("hex"));
    peer.encoder.setMaxTableSize(2000);
    peer.encoder.setMaxTableSize(3000);
    assert.equal(peer.sendFields(), wire.sizeUpdate(3000).toString("hex"));
  });

  it("indexes nothing in a table of 0 bytes", () => {
    const peer = pair();
    peer.encoder.setMaxTableSize(0);
    peer.sendFields();
    for (let time = 0; time < 3; time++) assert.equal(peer.sendFields("a", "b"), "0001610162");
  });
});

describe("hpack encoder: thrash", () => {
  it("does not turn the table over for a working set larger than it", () => {
    const peer = pair();
    let insertions = 0;
    for (let round = 0; round < 100; round++) {
      for (let i = 0; i < 100; i++) {
        if (kindOf(peer.sendFields(`x-name-${i}`, "v".repeat(60))) === "incremental") insertions++;
      }
    }
    const fitting = Math.floor(4096 / (60 + 8 + 32));
    assert.ok(insertions >= fitting, `${insertions} insertions`);
    assert.ok(insertions < fitting + 32 + 10000 / 64 + 10, `${insertions} insertions`);
  });
});

describe("hpack encoder: size promised", () => {
  it("holds for text that Huffman coding would make longer, and for long text", () => {
    for (const char of ["a", "\xff", "\n"]) {
      for (const length of [0, 1, 126, 127, 128, 255, 5000, 20000]) {
        const peer = pair();
        peer.encoder.setMaxTableSize(1);
        peer.encoder.setMaxTableSize(4000);
        peer.sendFields(`x-${char}`, char.repeat(Math.min(length, 16000)), char.repeat(10), "", "authorization", char);
      }
    }
  });
});
