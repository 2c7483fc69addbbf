import type { AttemptListener, MessageSize, StatsSink } from "../../rpc/stats/stats-sink.js";
import type { World } from "../world.js";

/** A transfer that is over sooner needs none. */
const silentMs = 1000;
const repaintMs = 250;

/** One line on the terminal that says how far a long transfer is, as long as nothing else says so. */
export class Progress {
  readonly #world: World;
  readonly #startedAt: number;
  readonly #stop: () => void;
  #messages = 0;
  #bytes = 0;
  #isPainted = false;

  constructor(world: World) {
    this.#world = world;
    this.#startedAt = world.now();
    const isWanted = world.isErrorTerminal && !world.isOutputTerminal;
    this.#stop = isWanted ? world.every(repaintMs, () => this.#paint()) : () => {};
  }

  /** Listens on the channel. */
  get stats(): StatsSink {
    const count = ({ bytes }: MessageSize): void => {
      this.#messages += 1;
      this.#bytes += bytes;
    };
    const attempt: AttemptListener = { onMessageSent: count, onMessageReceived: count };
    return { onClientCall: () => ({ onAttempt: () => attempt }) };
  }

  end(): void {
    this.#stop();
    if (this.#isPainted) this.#world.paint("\r\u001b[K");
    this.#isPainted = false;
  }

  #paint(): void {
    const elapsedMs = this.#world.now() - this.#startedAt;
    if (elapsedMs < silentMs) return;
    const mib = this.#bytes / (1024 * 1024);
    const rate = mib / (elapsedMs / 1000);
    const messages = this.#messages.toLocaleString("en-US");
    this.#world.paint(`\r\u001b[K${messages} messages, ${mib.toFixed(1)} MiB, ${rate.toFixed(1)} MiB/s`);
    this.#isPainted = true;
  }
}
