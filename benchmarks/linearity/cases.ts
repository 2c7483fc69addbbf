/** What is compared: the same calls, with more of something. */
import { smallBytes, type UnaryWorkload } from "../macro/rows.js";

export interface Case {
  readonly label: string;
  readonly workload: UnaryWorkload;
}

export interface Group {
  /** For `--only`. */
  readonly id: string;
  readonly title: string;
  /** The others are compared to the first. */
  readonly cases: readonly Case[];
}

function headline(inFlight: number, connections?: number): UnaryWorkload {
  const unary = { kind: "unary", inFlight, payloadBytes: smallBytes, headline: true } as const;
  return connections === undefined ? unary : { ...unary, connections };
}

const counted = (count: number, what: string): string => `${count.toLocaleString("en-GB")} ${what}`;

export const groups: readonly Group[] = [
  {
    id: "streams",
    title: "Calls in flight on one connection",
    cases: [100, 300, 1000].map((inFlight) => ({
      label: counted(inFlight, "in flight"),
      workload: headline(inFlight),
    })),
  },
  {
    id: "connections",
    title: "Connections with 1 call in flight each",
    cases: [10, 100, 1000].map((count) => ({ label: counted(count, "connections"), workload: headline(count, count) })),
  },
  {
    id: "spread",
    title: "1,000 calls in flight, over connections",
    cases: [10, 100, 1000].map((count) => ({ label: counted(count, "connections"), workload: headline(1000, count) })),
  },
];

/** What a connection that has made many calls does, and one that is new. */
export const ageing: UnaryWorkload = headline(100, 1);
