/**
 * `npm run hpack:differential`: our encoder against the decoders of Go and Python, our decoder against their encoders, and
 * all decoders on blocks that were damaged. `-- --sessions N --from SEED`. That nghttp2 agrees is for nghttp2.test.ts.
 */
import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import type { DecodeResult } from "../../../src/hpack/decoder.js";
import { defaultNeverIndexed, HpackEncoder } from "../../../src/hpack/encoder.js";
import { HeaderBlock } from "../../../src/hpack/header-block.js";
import { createDecoder, decode, encode, fieldsOf } from "../fields.js";
import { SeededRandom } from "../random.js";
import { corpusSizes } from "./corpus.js";
import { damaged, isOthersAlone, isOursAlone } from "./damage.js";
import { type Field, SessionLists, type Step } from "./header-lists.js";
import { installPeers } from "./install.js";
import { Peer, type SentBlock } from "./peer.js";

const listsOfSession = 40;
const tableSizes = [0, 100, 1000, 4096, 65_536];
/** Blocks that are damaged, for each session of whole ones. */
const damagedOfSession = 30;
const roomy = { maxListBytes: 1 << 22, maxFields: 100_000 };

const flat = (list: readonly Field[]): string[] => list.flatMap(({ name, value }) => [name, value]);

function stepsOf(seed: number, secretNames: ReadonlySet<string> | undefined): [Step[], number] {
  const random = new SeededRandom(seed);
  const tableBytes = random.pick(tableSizes);
  return [new SessionLists(random, { http: false, secretNames, tableBytes }).steps(listsOfSession), tableBytes];
}

/** What our encoder makes of the lists. */
function encodeAll(steps: readonly Step[]): SentBlock[] {
  const encoder = new HpackEncoder();
  return steps.map(({ tableSizes: sizes, fields }) => {
    for (const size of sizes) encoder.setMaxTableSize(size);
    return { tableSizes: sizes, block: encode(encoder, new HeaderBlock(flat(fields))) };
  });
}

async function checkEncoder(peer: Peer, seed: number): Promise<void> {
  const [steps] = stepsOf(seed, defaultNeverIndexed);
  const { lists, error } = await peer.decode(encodeAll(steps));
  assert.equal(error, undefined, `${peer.name}, seed ${seed}, list ${lists.length}: it does not take our block`);
  for (const [i, { fields }] of steps.entries()) {
    assert.deepEqual(lists[i], fields, `${peer.name}, seed ${seed}, list ${i}: it reads our block otherwise`);
  }
}

async function checkDecoder(peer: Peer, seed: number): Promise<void> {
  const [steps, maxTableSize] = stepsOf(seed, undefined);
  const decoder = createDecoder({ ...roomy, maxTableSize, sharePrefixes: seed % 2 === 0 });
  decoder.settingsAcknowledged();
  const blocks = await peer.encode(steps);
  for (const [i, { fields }] of steps.entries()) {
    const what = `${peer.name}, seed ${seed}, list ${i}`;
    const result = decode(decoder, blocks[i] as Buffer);
    if (result.kind !== "ok") assert.fail(`${what}: we do not take its block: ${result.message}`);
    assert.deepEqual(fieldsOf(result.block), flat(fields), `${what}: we read its block otherwise`);
  }
}

/** Of a few blocks the last is damaged. Returns whether it was taken; undefined where a difference is known. */
async function checkDamaged(peer: Peer, seed: number): Promise<boolean | undefined> {
  const random = new SeededRandom(~seed);
  const tableBytes = random.pick(tableSizes);
  const lists = new SessionLists(random, { http: false, secretNames: defaultNeverIndexed, tableBytes });
  // The size is announced once: a decoder of ours cannot announce another.
  const steps = lists.steps(1 + random.below(4)).map((step, i) => (i === 0 ? step : { ...step, tableSizes: [] }));
  const blocks = encodeAll(steps);
  const last = blocks.pop() as SentBlock;
  blocks.push({ ...last, block: damaged(last.block, random) });
  const decoder = createDecoder({ ...roomy, maxTableSize: tableBytes });
  decoder.settingsAcknowledged();
  const results = blocks.map(({ block }) => decode(decoder, block));
  const ours = results.at(-1) as DecodeResult;
  const theirs = await peer.decode(blocks);
  const what = `${peer.name}, seed ${seed}, damaged block`;
  if (ours.kind !== "ok") {
    if (theirs.error !== undefined) return false;
    assert.ok(isOursAlone(ours.message), `${what}: it takes what we do not: ${ours.message}`);
    return undefined;
  }
  if (theirs.error !== undefined && isOthersAlone(theirs.error)) return undefined;
  assert.equal(theirs.error, undefined, `${what}: we take what it does not`);
  assert.deepEqual(flat(theirs.lists.at(-1) ?? []), fieldsOf(ours.block), `${what}: it is read otherwise`);
  return true;
}

async function checkPeer(peer: Peer, from: number, sessions: number): Promise<void> {
  for (let seed = from; seed < from + sessions; seed++) {
    await checkEncoder(peer, seed);
    await checkDecoder(peer, seed);
  }
  const lists = sessions * listsOfSession;
  console.log(`${peer.name}: its decoder read ${lists} lists of ours, ours read ${lists} of its encoder`);
  const decisions = { taken: 0, refused: 0, known: 0 };
  for (let seed = from; seed < from + sessions * damagedOfSession; seed++) {
    const isTaken = await checkDamaged(peer, seed);
    decisions[isTaken === undefined ? "known" : isTaken ? "taken" : "refused"]++;
  }
  const { taken, refused, known } = decisions;
  console.log(
    `${peer.name}: of damaged blocks both took ${taken} and refused ${refused}, ${known} are known differences (damage.ts)`,
  );
}

async function main(): Promise<void> {
  const options = { sessions: { type: "string", default: "50" }, from: { type: "string", default: "1" } } as const;
  const { values } = parseArgs({ options });
  const sessions = Number(values.sessions);
  const from = Number(values.from);
  const peers = installPeers().map((command) => new Peer(command));
  try {
    await Promise.all(peers.map((peer) => checkPeer(peer, from, sessions)));
  } finally {
    for (const peer of peers) peer.stop();
  }
  const { ours, theirs } = await corpusSizes();
  const percent = ((ours / theirs - 1) * 100).toFixed(1);
  console.log(`size over what gRPC sends: ${ours} octets, nghttp2 ${theirs} (${percent} %, allowed 3 %)`);
  assert.ok(ours <= theirs * 1.03, "our blocks are too large");
}

try {
  await main();
} catch (error) {
  console.error(`hpack:differential: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
