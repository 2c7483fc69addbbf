import assert from "node:assert/strict";
import { defaultNeverIndexed, HpackEncoder } from "../../../src/hpack/encoder.js";
import { HeaderBlock } from "../../../src/hpack/header-block.js";
import { createDecoder, decodeBlock, encode, fieldsOf } from "../fields.js";
import { SeededRandom } from "../random.js";
import { corpusSizes } from "./corpus.js";
import { type Field, SessionLists } from "./header-lists.js";
import { grouped, Nghttp2Decoder, Nghttp2Encoder } from "./nghttp2.js";

const sessions = 50;
const listsOfSession = 50;
const tableSizes = [0, 100, 1000, 4096, 65_536];
const roomy = { maxListBytes: 1 << 22, maxFields: 100_000 };

function flat(list: readonly Field[]): string[] {
  return list.flatMap(({ name, value }) => [name, value]);
}

describe("hpack against nghttp2 (node:http2)", () => {
  it(`${sessions * listsOfSession} lists of our encoder are decoded as they were, table sizes changing`, async () => {
    for (let seed = 1; seed <= sessions; seed++) {
      const random = new SeededRandom(seed);
      const tableBytes = random.pick(tableSizes);
      const options = { http: true, secretNames: defaultNeverIndexed, tableBytes };
      const steps = new SessionLists(random, options).steps(listsOfSession);
      const encoder = new HpackEncoder();
      await using peer = await Nghttp2Decoder.open(tableBytes);
      for (const [i, { tableSizes: announced, fields }] of steps.entries()) {
        for (const size of announced) {
          if (i > 0) await peer.announce(size);
          encoder.setMaxTableSize(size);
        }
        peer.push(encode(encoder, new HeaderBlock(flat(fields))));
      }
      const lists = await peer.lists(steps.length);
      for (const [i, { fields }] of steps.entries()) assert.deepEqual(lists[i], fields, `seed ${seed}, list ${i}`);
    }
  });

  it(`${sessions * listsOfSession} lists of its encoder are decoded as they were, table sizes changing`, async () => {
    for (let seed = 1; seed <= sessions; seed++) {
      const random = new SeededRandom(seed);
      const tableBytes = random.pick(tableSizes);
      const steps = new SessionLists(random, { http: true, secretNames: new Set(), tableBytes }).steps(listsOfSession);
      const decoder = createDecoder({ ...roomy, maxTableSize: tableBytes, sharePrefixes: seed % 2 === 0 });
      await using peer = await Nghttp2Encoder.open();
      for (const [i, { tableSizes: announced, fields }] of steps.entries()) {
        for (const size of announced) await peer.announce(size);
        if (i === 0) decoder.settingsAcknowledged();
        const [block] = await peer.encode([fields]);
        const decoded = fieldsOf(decodeBlock(decoder, block as Buffer));
        assert.deepEqual(decoded, flat(grouped(fields)), `seed ${seed}, list ${i}`);
      }
    }
  });

  it("ours are at most 3 % larger, over what gRPC sends", async () => {
    const { ours, theirs } = await corpusSizes();
    assert.ok(ours <= theirs * 1.03, `${ours} octets, nghttp2 ${theirs}`);
  });
});
