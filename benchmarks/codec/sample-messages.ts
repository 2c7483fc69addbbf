/** The messages that are measured, as protobuf-es has them; every other library decodes their bytes. */
import { create, type DescMessage, type Message, toBinary } from "@bufbuild/protobuf";
import { EditionSmallSchema } from "../gen/godwit/benchmark/v1/edition_pb.js";
import {
  LargeSchema,
  Medium_Status,
  MediumSchema,
  NumericSchema,
  SmallSchema,
} from "../gen/godwit/benchmark/v1/messages_pb.js";

export const sampleNames = ["small", "medium", "numeric", "large", "edition"] as const;
export type SampleName = (typeof sampleNames)[number];

export interface Sample {
  readonly desc: DescMessage;
  readonly message: Message;
  readonly bytes: Uint8Array;
}

function sample(desc: DescMessage, message: Message): Sample {
  return { desc, message, bytes: toBinary(desc, message) };
}

/** 46 bytes: two strings, two numbers. */
const small = { id: "item-000042", name: "a smaller kettle of steel", count: 7, offset: 123_456 };

function makeMedium(): Message {
  const lines = [
    ["kettle, two litres, brushed steel", 1, 39.5],
    ["mug, white, with a blue rim", 12, 4.25],
    ["tea towel, linen", 6, 7.75],
    ["sugar bowl with lid", 1, 12],
    ["teaspoon, silver plated, 14 cm", 24, 2.1],
  ] as const;
  return create(MediumSchema, {
    id: "order-2026-000000042",
    status: Medium_Status.SHIPPED,
    customer: {
      name: "Aur\u00e9lie Dupont",
      address: { street: "12 rue de la Fontaine", city: "Besan\u00e7on", zip: "25000" },
      email: "aurelie.dupont@example.com",
    },
    lines: lines.map(([article, quantity, price]) => ({ article, quantity, price })),
    labels: { region: "eu-west", channel: "web", campaign: "autumn-sale", locale: "fr-FR" },
    stock: { 10: 1_000n, 20: -5n, 30: 9_007_199_254_740_000n },
    signature: Uint8Array.from({ length: 64 }, (_, i) => (i * 37) & 0xff),
    createdUs: 1_767_225_600_000_000n,
    sequence: 123_456_789n,
    balance: -42_000_000n,
    trace: 1_234_567_890_123_456n,
    skew: -7_000n,
    payment: { case: "card", value: { holder: "A DUPONT", month: 11, year: 2029 } },
    priority: 3,
    note: "leave it with the neighbour, second floor, and ring twice",
    ratings: [5, 4, 5, 3, 300],
    tags: ["gift", "express", "fragile", "no-invoice"],
    paid: true,
    total: 281.9,
  });
}

/** 4,700 numbers, packed. */
function makeNumeric(): Message {
  const list = <T>(length: number, at: (i: number) => T): T[] => Array.from({ length }, (_, i) => at(i));
  return create(NumericSchema, {
    ints: list(1000, (i) => (i * 7919) % 100_000),
    longs: list(700, (i) => BigInt((i % 2 === 0 ? 1 : -1) * i * 1_000_003)),
    doubles: list(700, (i) => i * 1.25),
    fixeds: list(700, (i) => Math.imul(i, 2_654_435_761) >>> 0),
    uints: list(700, (i) => i * 131),
    floats: list(700, (i) => i / 8),
    bools: list(200, (i) => i % 3 === 0),
  });
}

export const samples: Readonly<Record<SampleName, Sample>> = {
  small: sample(SmallSchema, create(SmallSchema, small)),
  medium: sample(MediumSchema, makeMedium()),
  numeric: sample(NumericSchema, makeNumeric()),
  large: sample(
    LargeSchema,
    create(LargeSchema, { name: "large", data: Uint8Array.from({ length: 1 << 20 }, (_, i) => (i * 31) & 0xff) }),
  ),
  edition: sample(EditionSmallSchema, create(EditionSmallSchema, small)),
};

/** The name of the message in the .proto. */
export const messageNames: Readonly<Record<SampleName, string>> = {
  small: "Small",
  medium: "Medium",
  numeric: "Numeric",
  large: "Large",
  edition: "EditionSmall",
};
