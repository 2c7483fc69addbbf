import type { CaseName } from "../official/all-cases.js";
import type { Transport } from "./transport.js";

/** How a case went. */
export type Outcome =
  | { readonly kind: "ok" }
  | { readonly kind: "failed"; readonly reason: string }
  /** The other side has no such case, or not what it needs. */
  | { readonly kind: "cannot"; readonly reason: string };

/** Who is the client: we are, or the peer is. */
export const directions = ["ours", "theirs"] as const;
export type Direction = (typeof directions)[number];

export interface Cell {
  readonly peer: string;
  readonly transport: Transport;
  readonly direction: Direction;
  readonly name: CaseName;
  readonly outcome: Outcome;
  /** Since the case before it ended. */
  readonly ms: number;
}
