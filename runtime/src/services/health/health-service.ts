import { HealthCheckResponse_ServingStatus as ServingStatus } from "../../gen/grpc/health/v1/health_pb.js";
import { StatusCode, StatusError } from "../../index.js";
import type { HealthHandlers } from "./health-definition.js";
import { ServingWatch } from "./serving-watch.js";

/** Of a list (grpc/health/v1/health.proto). */
const maxListedServices = 100;

/** Characters of a name that nothing is known of. A Watch holds it as long as the client wants. */
const maxUnknownName = 1024;

/**
 * How a server and its services are; at the beginning the server as a whole is SERVING, and nothing is known of any
 * service. `server.add(Health, health)` answers with it. The empty name stands for the server as a whole.
 */
export interface HealthService extends HealthHandlers {
  /** @param service Full name: `shop.v1.Shop`. Default: the server as a whole. */
  setServing(service?: string): void;
  /** @param service Full name: `shop.v1.Shop`. Default: the server as a whole. */
  setNotServing(service?: string): void;
  /** Nothing is known of the service any more: Check ends with NOT_FOUND, Watch says SERVICE_UNKNOWN. */
  remove(service: string): void;
  /** Everything is NOT_SERVING until `resume`, whatever is set meanwhile. Call it before the server closes. */
  shutdown(): void;
  /** Takes `shutdown` back: everything is again as it was set. */
  resume(): void;
}

/** The health of a server, to be added to it: `server.add(Health, health)`. */
export function createHealthService(): HealthService {
  return new ServingStatuses();
}

class ServingStatuses implements HealthService {
  /** As it was set. */
  readonly #byService = new Map<string, ServingStatus>([["", ServingStatus.SERVING]]);
  /** By the service that they watch, which may be one that nothing is known of. */
  readonly #watches = new Map<string, Set<ServingWatch>>();
  #isShutDown = false;

  setServing(service = ""): void {
    this.#set(service, ServingStatus.SERVING);
  }

  setNotServing(service = ""): void {
    this.#set(service, ServingStatus.NOT_SERVING);
  }

  remove(service: string): void {
    this.#byService.delete(service);
    this.#tell(service);
  }

  shutdown(): void {
    this.#isShutDown = true;
    for (const service of this.#watches.keys()) this.#tell(service);
  }

  resume(): void {
    this.#isShutDown = false;
    for (const service of this.#watches.keys()) this.#tell(service);
  }

  // ---- handlers

  check({ service }: { readonly service: string }): { status: ServingStatus } {
    this.#refuseLong(service);
    const status = this.#statusOf(service);
    if (status !== ServingStatus.SERVICE_UNKNOWN) return { status };
    throw new StatusError(StatusCode.NOT_FOUND, `no health status of service ${JSON.stringify(service)}`);
  }

  list(): { statuses: Record<string, { status: ServingStatus }> } {
    const count = this.#byService.size;
    if (count > maxListedServices) {
      const message = `${count} services have a health status, limit of a list ${maxListedServices}`;
      throw new StatusError(StatusCode.RESOURCE_EXHAUSTED, message);
    }
    const services = [...this.#byService.keys()];
    return { statuses: Object.fromEntries(services.map((service) => [service, { status: this.#statusOf(service) }])) };
  }

  watch({ service }: { readonly service: string }): AsyncIterable<{ status: ServingStatus }> {
    this.#refuseLong(service);
    return { [Symbol.asyncIterator]: () => this.#watch(service) };
  }

  // ----

  #refuseLong(service: string): void {
    if (service.length <= maxUnknownName || this.#byService.has(service)) return;
    const message = `service is ${service.length} characters long, limit ${maxUnknownName}`;
    throw new StatusError(StatusCode.INVALID_ARGUMENT, message);
  }

  #watch(service: string): ServingWatch {
    const watches = this.#watches.get(service) ?? new Set();
    this.#watches.set(service, watches);
    const watch = new ServingWatch(this.#statusOf(service), () => {
      watches.delete(watch);
      if (watches.size === 0 && this.#watches.get(service) === watches) this.#watches.delete(service);
    });
    watches.add(watch);
    return watch;
  }

  #statusOf(service: string): ServingStatus {
    const status = this.#byService.get(service);
    if (status === undefined) return ServingStatus.SERVICE_UNKNOWN;
    return this.#isShutDown ? ServingStatus.NOT_SERVING : status;
  }

  #set(service: string, status: ServingStatus): void {
    this.#byService.set(service, status);
    this.#tell(service);
  }

  #tell(service: string): void {
    const status = this.#statusOf(service);
    for (const watch of this.#watches.get(service) ?? []) watch.change(status);
  }
}
