import type { Socket } from "node:net";

/** The connections that are in their handshake, or wait for it to begin, by the hosts that they come from. */
export class HandshakePlaces {
  /** Of each host the oldest first; none is empty. */
  readonly #byHost = new Map<string, Set<Socket>>();

  /** Until it is closed or `free`d. */
  take(host: string, socket: Socket): void {
    const places = this.#byHost.get(host);
    if (places === undefined) this.#byHost.set(host, new Set([socket]));
    else places.add(socket);
    socket.once("close", () => this.free(host, socket));
  }

  /** Does nothing for one that has no place. */
  free(host: string, socket: Socket): void {
    const places = this.#byHost.get(host);
    if (places?.delete(socket) === true && places.size === 0) this.#byHost.delete(host);
  }

  /**
   * Who makes room for one more of this host: the one that has been at it longest, of the host that has most. Undefined when
   * that is the host itself: what one host opens without end must cost its own connections, and nobody else's.
   */
  oldestOfFullest(host: string): Socket | undefined {
    let most = this.#byHost.get(host)?.size ?? 0;
    let fullest: Set<Socket> | undefined;
    for (const places of this.#byHost.values()) {
      if (places.size <= most) continue;
      most = places.size;
      fullest = places;
    }
    const [oldest] = fullest ?? [];
    return oldest;
  }
}
