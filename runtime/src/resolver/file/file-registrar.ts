import type { Millis, Platform } from "../../base/platform.js";
import type { Registrar, Registration, RegistrationHandle } from "../registrar.js";
import { FileRegistration } from "./file-registration.js";

export interface FileRegistrarOptions {
  /** Registrations of a name are in a folder of that name within this one: clients resolve `file:///<folder>/<name>/`. */
  readonly folder: string;
  /**
   * Milliseconds that a registration holds without being renewed, so that a server that crashed is forgotten; it is renewed
   * three times as often. Servers and clients must agree on the time of day to a part of it. Default 30,000, minimum 1000.
   * Infinity: it stays until it is deregistered.
   */
  readonly leaseMs?: number;
}

const leastLeaseMs = 1000;
const namePattern = /^\w[\w.:@-]{0,199}$/;

/**
 * Registers servers as files that `file:` targets watch, one file for each, so that processes need no lock among them and
 * none can damage what another has written. A crash leaves a whole file behind, which expires.
 */
export class FileRegistrar implements Registrar {
  readonly #platform: Platform;
  readonly #folder: string;
  readonly #leaseMs: Millis;
  readonly #registrations = new Set<FileRegistration>();

  /** Throws TypeError when an option is not valid. */
  constructor(platform: Platform, { folder, leaseMs = 30_000 }: FileRegistrarOptions) {
    if (folder === "") throw new TypeError("folder is empty: expected a path");
    if (!(leaseMs >= leastLeaseMs)) {
      throw new TypeError(`leaseMs is ${leaseMs}: expected a number of milliseconds of ${leastLeaseMs} or more`);
    }
    this.#platform = platform;
    this.#folder = folder.replace(/\/+$/, "");
    this.#leaseMs = leaseMs;
  }

  async register(registration: Registration): Promise<RegistrationHandle> {
    const { name, endpoint } = registration;
    const id = endpoint.attributes?.id ?? this.#makeId();
    checkName("name", name);
    checkName("endpoint.attributes.id", id);
    const path = `${this.#folder}/${name}/${id}.json`;
    const onGone = (gone: FileRegistration) => this.#registrations.delete(gone);
    const made = new FileRegistration(this.#platform, { ...registration, id, path, leaseMs: this.#leaseMs, onGone });
    this.#registrations.add(made);
    try {
      await made.update(endpoint);
    } catch (error) {
      await made.deregister();
      throw error;
    }
    return made;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#registrations].map((registration) => registration.deregister()));
  }

  /** Names, not secrets: it is enough that two processes of one host do not meet. */
  #makeId(): string {
    const digits = () => Math.floor(this.#platform.random() * 2 ** 32).toString(36);
    const host = this.#platform.hostName().replace(/[^\w.-]/g, "-");
    return `${host || "host"}-${digits()}${digits()}`;
  }
}

/** They are names of files: nothing in them may lead out of the folder. */
function checkName(field: string, value: string): void {
  if (namePattern.test(value)) return;
  throw new TypeError(
    `${field} is ${JSON.stringify(value)}: expected up to 200 letters, digits, "_", ".", ":", "@" and "-", a letter, a digit or "_" in front`,
  );
}
