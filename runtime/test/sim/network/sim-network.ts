import { isIP } from "node:net";
import type {
  Address,
  ByteStreamSink,
  ConnectCallbacks,
  Connecting,
  ListenCallbacks,
  Listener,
} from "../../../src/base/platform.js";
import { ipUri } from "../../../src/net/peer-address.js";
import { addressLabel, connectError, listenError, lookupError } from "../../../src/net/system-error.js";
import type { SeededRandom } from "../../hpack/random.js";
import type { NetworkDoor, SimProcess } from "../world/sim-process.js";
import type { World } from "../world/world.js";
import { Link } from "./link.js";
import type { LinkProfile } from "./link-profile.js";

/** How the network treats those who connect and look names up. */
export interface NetworkHabits {
  linkProfile(random: SeededRandom): LinkProfile;
  /** Chance that an attempt is refused although somebody listens. */
  readonly refusals: number;
  /** Chance that an attempt gets no answer. */
  readonly blackHoles: number;
  /** Chance that a look-up fails. */
  readonly lookupFailures: number;
  readonly lookupMs: number;
}

interface Listening {
  readonly process: SimProcess;
  readonly callbacks: ListenCallbacks;
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** Every connection and name of one simulated world. */
export class SimNetwork implements NetworkDoor {
  /** Every link that was ever opened, in order. */
  readonly links: Link[] = [];
  /** What a look-up answers. */
  readonly hosts = new Map<string, readonly string[]>();
  /** Hears of each new link before its ends do. */
  onLink: (link: Link) => void = () => {};
  /** From here on everything works: whoever is left has to come to an end. */
  isHealed = false;
  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #habits: NetworkHabits;
  readonly #listeners = new Map<string, Listening>();
  #nextClientPort = 40_000;

  constructor(world: World, habits: NetworkHabits) {
    this.#world = world;
    this.#habits = habits;
    this.#random = world.random(2);
  }

  async lookup(process: SimProcess, host: string): Promise<readonly string[]> {
    await process.sleep(this.#random.below(this.#habits.lookupMs + 1));
    const fails = !this.isHealed && this.#chance(this.#habits.lookupFailures);
    const found = fails ? undefined : (this.hosts.get(host) ?? (isIP(host) === 0 ? undefined : [host]));
    this.#world.note(`${process.name} looked ${host} up: ${found?.join(" ") ?? "nothing"}`);
    if (found === undefined) throw lookupError(host, systemError(this.#random.pick(["ENOTFOUND", "EAI_AGAIN"])));
    return found;
  }

  async listen(process: SimProcess, address: Address, callbacks: ListenCallbacks): Promise<Listener> {
    const label = addressLabel(address);
    const taken = this.#listeners.get(label);
    if (taken !== undefined && !taken.process.isDead) throw listenError(address, systemError("EADDRINUSE"));
    const listening = { process, callbacks };
    this.#listeners.set(label, listening);
    const close = async (): Promise<void> => {
      if (this.#listeners.get(label) === listening) this.#listeners.delete(label);
      await process.sleep(0);
    };
    return { address, close };
  }

  connect(process: SimProcess, address: Address, callbacks: ConnectCallbacks): Connecting {
    let cancelled = false;
    const profile = this.#habits.linkProfile(this.#random);
    const attempt = (): void => {
      if (cancelled) return;
      const listening = this.#listeners.get(addressLabel(address));
      if (!this.isHealed && this.#chance(this.#habits.blackHoles)) return;
      const refused = !this.isHealed && this.#chance(this.#habits.refusals);
      if (listening === undefined || listening.process.isDead || refused) {
        const code = this.#random.below(4) === 0 ? "EHOSTUNREACH" : "ECONNREFUSED";
        this.#world.note(`${process.name} connects to ${addressLabel(address)}: ${code}`);
        callbacks.onError(connectError(address, systemError(code)));
      } else this.#open(process, address, listening, callbacks, profile, () => cancelled);
    };
    process.after(2 * profile.latencyMs, attempt);
    return {
      cancel: () => {
        cancelled = true;
      },
    };
  }

  /** The system accepts; each end hears of it as one of its next events. */
  #open(
    process: SimProcess,
    address: Address,
    listening: Listening,
    callbacks: ConnectCallbacks,
    profile: LinkProfile,
    isCancelled: () => boolean,
  ): void {
    const host = address.transport === "tcp" ? address.host : "0.0.0.0";
    const port = address.transport === "tcp" ? address.port : 0;
    const link = new Link(
      this.links.length,
      { client: process, server: listening.process },
      {
        ofClient: { address: ipUri(host, port), security: "none" },
        ofServer: { address: ipUri("10.1.0.1", this.#nextClientPort++), security: "none" },
      },
      profile,
      this.#random,
    );
    this.links.push(link);
    this.#world.note(`link ${link.id}: ${process.name} to ${addressLabel(address)}`);
    this.onLink(link);
    const { client, server } = link;
    listening.process.after(0, () => {
      if (server.isLive) server.attach(listening.callbacks.onAccept(server));
    });
    process.after(0, () => {
      if (isCancelled()) client.attach(new NobodysSink());
      if (isCancelled()) client.destroy();
      else if (client.isLive) client.attach(callbacks.onConnect(client));
      else callbacks.onError(connectError(address, systemError("ECONNRESET")));
    });
  }

  #chance(probability: number): boolean {
    return probability > 0 && this.#random.next() < probability;
  }
}

/** Of a connection that opened after its attempt was given up. */
class NobodysSink implements ByteStreamSink {
  onData(): void {}
  onDrain(): void {}
  onEnd(): void {}
  onClose(): void {}
}
