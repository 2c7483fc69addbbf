import type { Platform } from "../base/platform.js";
import { RetryThrottle } from "./retry-throttle.js";

/** Targets without a channel whose throttle is remembered, at most: a channel for each call must not set retries free. (this library) */
export const maxRememberedTargets = 1000;

interface Entry {
  readonly throttle: RetryThrottle;
  channels: number;
}

/** The throttles of a process: all channels to one target share one (gRFC A6: per server name). */
export class ThrottleRegistry {
  readonly #entries = new Map<string, Entry>();
  /** Targets that no channel uses, the oldest first. */
  readonly #unused = new Set<string>();

  /** For a channel; `release` when it closes. */
  acquire(target: string): RetryThrottle {
    this.#unused.delete(target);
    let entry = this.#entries.get(target);
    if (entry === undefined) {
      entry = { throttle: new RetryThrottle(), channels: 0 };
      this.#entries.set(target, entry);
    }
    entry.channels++;
    return entry.throttle;
  }

  release(target: string): void {
    const entry = this.#entries.get(target);
    if (entry === undefined || --entry.channels > 0) return;
    if (entry.throttle.isFull) {
      this.#entries.delete(target);
      return;
    }
    this.#unused.add(target);
    if (this.#unused.size <= maxRememberedTargets) return;
    const [oldest] = this.#unused;
    this.#unused.delete(oldest as string);
    this.#entries.delete(oldest as string);
  }

  /** Targets that are known. */
  get size(): number {
    return this.#entries.size;
  }
}

const registries = new WeakMap<Platform, ThrottleRegistry>();

/** That of a world: tests with a platform of their own share nothing. */
export function throttlesOf(platform: Platform): ThrottleRegistry {
  let registry = registries.get(platform);
  if (registry === undefined) {
    registry = new ThrottleRegistry();
    registries.set(platform, registry);
  }
  return registry;
}
