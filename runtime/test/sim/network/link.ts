import type { Peer } from "../../../src/base/platform.js";
import type { SeededRandom } from "../../hpack/random.js";
import type { SimProcess } from "../world/sim-process.js";
import type { LinkProfile } from "./link-profile.js";
import { SimStream } from "./sim-stream.js";

/** What can be done to a connection. */
export type LinkFault =
  /** Both ends hear of a reset. `atByte` of one direction: what is before it still arrives. */
  | "reset"
  /** One direction ends amid whatever it was saying; the writer is not told. */
  | "halfClose"
  /** The reader sees an end, the writer a reset. */
  | "truncate";

export type LinkSide = "client" | "server";

/** Two byte streams that lead to each other, and the hands to disturb them. */
export class Link {
  readonly client: SimStream;
  readonly server: SimStream;
  /** How often it was disturbed. */
  faults = 0;
  readonly #random: SeededRandom;
  #planned: LinkFault = "reset";

  constructor(
    readonly id: number,
    ends: { readonly client: SimProcess; readonly server: SimProcess },
    peers: { readonly ofClient: Peer; readonly ofServer: Peer },
    profile: LinkProfile,
    random: SeededRandom,
  ) {
    this.#random = random;
    this.client = new SimStream(ends.client, peers.ofClient, random, profile, () => this.#onPlanned("client"));
    this.server = new SimStream(ends.server, peers.ofServer, random, profile, () => this.#onPlanned("server"));
    this.client.join(this.server);
    this.server.join(this.client);
  }

  get isOpen(): boolean {
    return !this.client.isClosed || !this.server.isClosed;
  }

  /** Whether both ends still take part. */
  get isWhole(): boolean {
    return this.client.isLive && this.server.isLive;
  }

  /** Nothing gets through in one direction or both until then, and nobody is told. */
  stall(until: number, side: LinkSide | "both"): void {
    this.faults++;
    for (const each of ["client", "server"] as const) {
      if (side === "both" || side === each) this[each].out.stalledUntil = until;
    }
  }

  /** Breaks the direction from `side` when it has sent so many bytes. */
  planFault(fault: LinkFault, side: LinkSide, atByte: number): void {
    this.#planned = fault;
    this[side].out.failAtByte = atByte;
  }

  fault(fault: LinkFault, side: LinkSide): void {
    if (!this.isWhole) return;
    this.faults++;
    this.client.process.world.note(`link ${this.id}: ${fault} from the ${side}`);
    const writer = this[side];
    const reader = this[side === "client" ? "server" : "client"];
    if (fault === "halfClose") {
      writer.out.shut();
      return;
    }
    if (fault === "truncate") {
      writer.out.shut();
      writer.reset(this.#random.pick(["ECONNRESET", "EPIPE", "ETIMEDOUT"]));
      return;
    }
    // A reset may overtake what is unread, or come behind it.
    if (this.#random.below(2) === 0) reader.reset();
    else writer.out.sendReset();
    writer.reset();
  }

  #onPlanned(side: LinkSide): void {
    const { world } = this.client.process;
    world.queue.schedule(world.now, () => this.fault(this.#planned, side));
  }
}
