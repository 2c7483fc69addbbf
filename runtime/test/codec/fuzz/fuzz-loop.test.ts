import assert from "node:assert/strict";
import { fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import type { Codec } from "../../../src/rpc/codec.js";
import { Dice } from "./dice.js";
import { difference } from "./difference.js";
import { fuzz } from "./fuzz-loop.js";
import { mutate, rewrite } from "./mutate.js";
import { RandomMessages } from "./random-message.js";
import { judge } from "./strict-reader.js";
import { registry, type Subject, subjects } from "./subjects.js";

type Fields = Record<string, unknown>;

/** A codec whose decoded messages a fault has gone through, with all that they hold. */
function faulty(subject: Subject, fault: (object: Fields) => void): Subject {
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return;
    for (const each of Object.values(value)) visit(each);
    fault(value as Fields);
  };
  const { codec } = subject;
  const decode: Codec<Message>["decode"] = (...where) => {
    const message = codec.decode(...where);
    visit(message);
    return message;
  };
  return { ...subject, codec: { encode: (...what) => codec.encode(...what), decode } };
}

const faults: Readonly<Record<string, (object: Fields) => void>> = {
  "negative zero becomes zero": (object) => {
    for (const [key, value] of Object.entries(object)) if (Object.is(value, -0)) object[key] = 0;
  },
  "an absent field is there and undefined": (object) => {
    if (object["$typeName"] === "godwit.testing.codec.v1.Optionals" && !("int32" in object))
      object["int32"] = undefined;
  },
  "keys are in another order": (object) => {
    const [, second] = Object.keys(object);
    if (second === undefined || Array.isArray(object)) return;
    const value = object[second];
    delete object[second];
    object[second] = value;
  },
  "unknown fields are in another order": ({ $unknown }) => {
    if (Array.isArray($unknown)) $unknown.reverse();
  },
  "a key __proto__ is lost": (object) => {
    if (Object.hasOwn(object, "__proto__")) Reflect.deleteProperty(object, "__proto__");
  },
  "a message has the prototype of another": (object) => {
    if (object["$typeName"] === "godwit.testing.codec.v1.Defaults") Object.setPrototypeOf(object, Object.prototype);
  },
  "bytes are a Buffer": (object) => {
    for (const [key, value] of Object.entries(object))
      if (value instanceof Uint8Array) object[key] = Buffer.from(value);
  },
  "the highest bit of an int64 is lost": (object) => {
    for (const [key, value] of Object.entries(object))
      if (typeof value === "bigint") object[key] = BigInt.asIntN(63, value);
  },
};

/** Faults that are not in what was decoded. */
const otherFaults: Readonly<Record<string, (codec: Codec<Message>) => Codec<Message>>> = {
  "a message of 128 to 135 bytes loses one": (codec) => ({
    decode: (...where) => codec.decode(...where),
    encode(message, sink) {
      const start = sink.position;
      codec.encode(message, sink);
      if ((sink.position - start) >>> 3 === 16) sink.position -= 1;
    },
  }),
  "what is behind the message is read": (codec) => ({
    encode: (...what) => codec.encode(...what),
    decode: (bytes, start, end, alias) => codec.decode(bytes, start, Math.min(bytes.length, end + 2), alias),
  }),
  "truncated messages are taken": (codec) => ({
    encode: (...what) => codec.encode(...what),
    decode(bytes, start, end, alias) {
      for (let to = end; ; to--) {
        try {
          return codec.decode(bytes, start, to, alias);
        } catch (error) {
          if (to === start) throw error;
        }
      }
    },
  }),
};

/** Different mutated inputs within which each fault has to be found. */
const enough = 6000;

describe("codec: differential fuzz against protobuf-es", () => {
  it("finds no difference without a reason", () => {
    const { tally, distinct } = fuzz(20_260_101, 8000);
    assert.ok(distinct >= 8000 && tally.equal > 1000 && tally.refused > 1000 && tally.unmutated > 500, `${distinct}`);
  });

  for (const [name, fault] of Object.entries(faults)) {
    it(`finds that ${name}`, () => {
      assert.throws(() => fuzz(1, enough, { subjects: subjects.map((subject) => faulty(subject, fault)) }), /seed 1/);
    });
  }

  for (const [name, fault] of Object.entries(otherFaults)) {
    it(`finds that ${name}`, () => {
      const wrong = subjects.map(({ desc, codec }) => ({ desc, codec: fault(codec) }));
      assert.throws(() => fuzz(1, enough, { subjects: wrong }), /seed 1/);
    });
  }

  it("judges by a reader that agrees with protobuf-es wherever it names no departure", () => {
    const dice = new Dice(7);
    const messages = new RandomMessages(dice, registry);
    for (let i = 0; i < 6000; i++) {
      const { desc } = dice.pick(subjects);
      const [bytes, other] = [messages.make(desc), messages.make(desc)].map((message) => toBinary(desc, message));
      assert.ok(bytes && other);
      const input = Uint8Array.from(dice.oneIn(4) ? rewrite(dice, bytes, other) : mutate(dice, bytes, other));
      const { accepted, departures, cleaned } = judge(desc, input);
      if (departures.size > 0) continue;
      const what = `${desc.typeName} <${Buffer.from(input).toString("hex")}>`;
      if (!accepted) assert.throws(() => fromBinary(desc, input), Error, what);
      else assert.equal(difference(fromBinary(desc, cleaned ?? input), fromBinary(desc, input)), undefined, what);
    }
  });
});
